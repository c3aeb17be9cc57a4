export { scaleToZero } from './scale-to-zero/fault.ts';
export { isScaleUndo, type ScaledWorkload, type ScaleUndo } from './scale-to-zero/undo.ts';
