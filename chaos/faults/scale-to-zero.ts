export { scaledAgain, scaleToZero } from './scale-to-zero/fault.ts';
export { scaleToZeroKind } from './scale-to-zero/kind.ts';
export { loweredAfterwards } from './scale-to-zero/restore.ts';
export { type Suspension, suspensionRule } from './scale-to-zero/suspension.ts';
export { changedBy, isScaleUndo, type ScaledWorkload, type ScaleUndo } from './scale-to-zero/undo.ts';
