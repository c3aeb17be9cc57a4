import type { PlanOf } from '../../../scenarios/faults.ts';
import { type Account, fencedAccount } from '../../account.ts';
import type { FaultDeps } from '../../fault.ts';
import type { FaultKind } from '../../faults.ts';
import { sentenceOf, Trouble } from '../../trouble.ts';
import { type RecordsTarget, recordsAgain, recordsFault } from './fault.ts';
import { isRecordsUndo, type RecordsUndo } from './undo.ts';
import { shownRecord, titleOf } from './write.ts';

/** Where schedules for a zone are kept, unless the scenario says otherwise: the zone itself is in no region. */
const usualRegion = 'us-east-1';

/** The row of a failover by hand. */
export const recordsKind: FaultKind<PlanOf<'records'>, RecordsUndo> = {
  kind: 'records',
  undo: 'account',
  make: ({ region }, deps) => recordsFault(targetOf(region, deps), accountOf(deps), deps.clock),
  again: (undo, deps) => recordsAgain(undo, accountOf(deps), deps.clock),
  isUndo: isRecordsUndo,
  describe: ({ zone, changes, undo }) => [
    `change ${changes.length} record sets of zone ${zone} in one batch, mended by a schedule in ${undo.region}:`,
    ...changes.map(
      ({ before, after }) =>
        `  ${titleOf(before)}: ${shownRecord(before)} → ${shownRecord(after)} → ${shownRecord(before)}`,
    ),
  ],
  async mortal({ region }, deps, signal) {
    try {
      const { undo, role } = targetOf(region, deps);
      await (await accountOf(deps).schedules({ region: undo.region, role })).read('blackstart', signal);
      return null;
    } catch (error) {
      signal.throwIfAborted();
      return `no schedule in the account can mend it: ${sentenceOf(error)}`;
    }
  },
};

export function accountOf({ account, ensure }: FaultDeps): Account {
  if (account === undefined) throw new Trouble('wrong-input', 'no cloud account is reached from here');
  return fencedAccount(account, ensure);
}

function targetOf(region: string, { drill, cloud }: FaultDeps): RecordsTarget {
  const zone = cloud?.zone ?? null;
  if (cloud === undefined || zone === null) throw new Trouble('wrong-input', 'the scenario names no "zone"');
  if (zone.undoRole === undefined)
    throw new Trouble('wrong-input', 'zone.undoRole is missing: the role it would act as');
  if (cloud.to === null) throw new Trouble('wrong-input', 'no region may take over: want one in "servedBy"');
  const undo = { role: zone.undoRole, region: zone.undoRegion ?? usualRegion };
  const { names, from, to } = cloud;
  return { drill, region, zone: zone.id, role: zone.role ?? null, undo, names, from, to };
}
