export { recordsFault } from './records/fault.ts';
export { recordsKind } from './records/kind.ts';
export type { RecordsUndo } from './records/undo.ts';
