export { ecsService } from './ecs-service/fault.ts';
export { ecsServiceKind } from './ecs-service/kind.ts';
export type { EcsUndo } from './ecs-service/undo.ts';
