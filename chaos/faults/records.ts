export { recordsFault } from './records/fault.ts';
export { isRecordsUndo, type Marker, markerIn, type RecordsUndo } from './records/undo.ts';
