export { ecsService } from './ecs-service/fault.ts';
export { type EcsUndo, isEcsUndo } from './ecs-service/undo.ts';
