/** The way in: what a drill will show, before it runs. */
export { cachedCopies, nothingSeen, type Seen, vantagesLedTo } from './predict/caches.ts';
export { holds, whereLeads } from './predict/endpoint.ts';
export { type Forecast, forecast, predict } from './predict/forecast.ts';
export type { CachedCopy, PredictionInput, Range } from './predict/input.ts';
export { type Chance, meets } from './predict/meets.ts';
export { failureModeOf, targetsOf } from './predict/mode.ts';
export { type PastDrills, pastDrills } from './predict/past.ts';
export { type Pods, timingOf } from './predict/timing.ts';
export { guardOf, predictionInputOf } from './predict/zone.ts';
