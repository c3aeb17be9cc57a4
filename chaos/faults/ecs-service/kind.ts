import type { PlanOf } from '../../../scenarios/faults.ts';
import type { FaultDeps } from '../../fault.ts';
import type { FaultKind } from '../../faults.ts';
import { sentenceOf, Trouble } from '../../trouble.ts';
import { accountOf } from '../records/kind.ts';
import { type EcsPlace, ecsAgain, ecsService } from './fault.ts';
import { type EcsUndo, isEcsUndo } from './undo.ts';

/** The row of services whose desired count is set to 0. */
export const ecsServiceKind: FaultKind<PlanOf<'ecs-service'>, EcsUndo> = {
  kind: 'ecs-service',
  undo: 'account',
  make: ({ region }, deps) => ecsService(targetOf(region, deps), accountOf(deps), deps.clock),
  again: (undo, deps) => ecsAgain(undo, accountOf(deps), deps.clock),
  isUndo: isEcsUndo,
  describe: ({ place, cluster, services }) => [
    `set desired counts, in ${place.region}, cluster ${cluster}, in this order, each mended by a schedule there:`,
    ...services.map(({ name, original }) => `  ${name}: ${original} → 0 → ${original}`),
  ],
  async mortal({ region }, deps, signal) {
    try {
      const { undo, place } = targetOf(region, deps);
      await (await accountOf(deps).schedules({ region: undo.region, role: place.role })).read('blackstart', signal);
      return null;
    } catch (error) {
      signal.throwIfAborted();
      return `no schedule in the account can mend it: ${sentenceOf(error)}`;
    }
  },
};

function targetOf(region: string, { drill, cloud }: FaultDeps): EcsPlace & { readonly services: readonly string[] } {
  const aws = cloud?.aws ?? null;
  const ecs = aws?.ecs ?? null;
  if (aws === null || ecs === null)
    throw new Trouble('wrong-input', `region ${region} has no "aws.ecs" in the scenario`);
  if (aws.undoRole === null) {
    throw new Trouble(
      'wrong-input',
      `regions.${region}.aws.undoRole is missing: the role that a schedule would act as`,
    );
  }
  // A schedule acts in its own region.
  const undo = { role: aws.undoRole, region: aws.region };
  return {
    drill,
    region,
    place: { region: aws.region, role: aws.role },
    cluster: ecs.cluster,
    undo,
    services: ecs.services,
  };
}
