/** The way in: what a drill will show, before it runs. */
export { type Forecast, forecast, predict } from './predict/forecast.ts';
export type { PredictionInput, Range } from './predict/input.ts';
export { meets } from './predict/meets.ts';
export { guardOf, predictionInputOf } from './predict/zone.ts';
