export { beginning, type Drill, type DrillEvent } from './drill/drill.ts';
export { next } from './drill/next.ts';
