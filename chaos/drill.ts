export { beginning, type Drill, type DrillEvent, type Ending } from './drill/drill.ts';
export { next } from './drill/next.ts';
