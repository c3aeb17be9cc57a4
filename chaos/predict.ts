/** The way in: what a drill will show, before it runs. */
export { type Forecast, forecast, predict } from './predict/forecast.ts';
export type { FailureMode, HealthCheckSettings, PredictionInput, Range } from './predict/input.ts';
export { type Chance, meets } from './predict/meets.ts';
export { type Guarded, guardOf, predictionInputOf } from './predict/zone.ts';
