import type { FaultPlan } from '../../../scenarios/faults.ts';
import type { FaultDeps } from '../../fault.ts';
import type { FaultKind } from '../../faults.ts';
import { switched } from './fault.ts';
import { isSwitchUndo, type Switched, type SwitchName, type SwitchUndo } from './undo.ts';

type SwitchPlan = Extract<FaultPlan, { readonly kind: SwitchName }>;

/** The row of a kind that is nothing but settings of switchboards. */
export function switchedKind<P extends SwitchPlan>(
  kind: P['kind'],
  settingsOf: (plan: P) => readonly Switched[],
): FaultKind<P, SwitchUndo> {
  return {
    kind,
    undo: 'switchboard',
    make: (plan, deps) => switched(kind, plan.region, settingsOf(plan), deps),
    again: (undo, deps) => switched(kind, undo.region, undo.settings, deps),
    isUndo: (value): value is SwitchUndo => isSwitchUndo(value, kind),
    describe: ({ settings, region }) => [
      `do ${kind} to ${region}, by settings that end by themselves:`,
      ...settings.map((one) => `  ${one.subject} at the switchboard of ${one.region}: ${JSON.stringify(one.setting)}`),
    ],
    async mortal(plan, deps, signal) {
      for (const one of settingsOf(plan)) {
        const because = await mortalAt(one, deps, signal);
        if (because !== null) return because;
      }
      return null;
    },
  };
}

async function mortalAt({ region, subject }: Switched, deps: FaultDeps, signal: AbortSignal): Promise<string | null> {
  const board = deps.switchboard(region);
  if (board === null) return `region ${region} has no switchboard`;
  const { endsByItself } = await board.read(subject, signal);
  return endsByItself ? null : `${subject} at ${board.name} does not end by itself`;
}
