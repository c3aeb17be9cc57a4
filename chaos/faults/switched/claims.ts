/** One setting of one switchboard: claimed, set, given back, each by compare-and-set. */
import { type Bounds, exactly } from '../../../contract/bounds.ts';
import { canonicalJson } from '../../../contract/json.ts';
import type { FaultDeps } from '../../fault.ts';
import type { Setting, Switchboard } from '../../switchboard.ts';
import { Trouble } from '../../trouble.ts';
import type { Switched } from './undo.ts';

export type SwitchDeps = Pick<FaultDeps, 'drill' | 'clock' | 'switchboard' | 'ensure' | 'leaseMs'>;

/** How often a compare-and-set is tried again. */
const attemptLimit = 50;

/** The drill's name on a subject without a setting. Refuses one that is set, or another's. */
export async function claim(one: Switched, deps: SwitchDeps, signal: AbortSignal): Promise<void> {
  const { drill } = deps;
  await settle(one, deps, signal, (at, board) => {
    if (at.drill === drill) return null;
    requireFree(at, board);
    return { setting: null, drill };
  });
}

/** Refuses where the drill has no claim. Resolves to when it was set: call sent, answer received. */
export async function set(one: Switched, deps: SwitchDeps, signal: AbortSignal): Promise<Bounds> {
  const { drill, clock } = deps;
  const written = await settle(one, deps, signal, (at, board) => {
    if (at.drill !== drill) throw takenBy(at, board);
    return canonicalJson(at.setting) === canonicalJson(one.setting) ? null : { setting: one.setting, drill };
  });
  return written?.bounds ?? exactly(clock.nowMs());
}

/**
 * Takes setting and claim away at once, so that a setting still under way meets another version, and finds no claim when
 * it looks again. `null`: it was not set.
 */
export async function giveBack(one: Switched, deps: SwitchDeps, signal: AbortSignal): Promise<Bounds | null> {
  const written = await settle(one, deps, signal, (at) =>
    at.drill === deps.drill ? { setting: null, drill: null } : null,
  );
  return written === null || written.before.setting === null ? null : written.bounds;
}

type Wanted = Pick<Setting, 'setting' | 'drill'>;

/** Reads, decides, writes by compare-and-set; on a conflict reads and decides again. `null`: there was nothing to write. */
async function settle(
  one: Switched,
  deps: SwitchDeps,
  signal: AbortSignal,
  decide: (at: Setting, board: Switchboard) => Wanted | null,
): Promise<{ readonly bounds: Bounds; readonly before: Setting } | null> {
  const { clock, leaseMs } = deps;
  const board = boardOf(one, deps);
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    signal.throwIfAborted();
    const before = await board.read(one.subject, signal);
    const to = decide(before, board);
    if (to === null) return null;
    await deps.ensure(signal);
    const lowerMs = clock.nowMs();
    if (await board.write(before, { ...to, leaseMs }, signal)) {
      return { bounds: { lowerMs, upperMs: clock.nowMs() }, before };
    }
  }
  throw new Trouble('taken', `${one.subject} at ${board.name} changed ${attemptLimit} times while it was being set`);
}

export function boardOf({ region }: Switched, { switchboard }: SwitchDeps): Switchboard {
  const board = switchboard(region);
  if (board !== null) return board;
  throw new Trouble('wrong-input', `region ${region} has no switchboard in the scenario`);
}

export function requireFree(at: Setting, board: Switchboard): void {
  if (at.drill !== null || at.setting !== null) throw takenBy(at, board);
}

function takenBy({ subject, drill, setting }: Setting, board: Switchboard): Trouble {
  const where = `${subject} at ${board.name}`;
  if (drill === null && setting === null) return new Trouble('taken', `${where} is not claimed for this drill`);
  const what = setting === null ? 'claimed' : `set to ${JSON.stringify(setting)}`;
  return new Trouble('taken', `${where} is ${what} by ${drill === null ? 'hand' : `drill ${drill}`}`);
}
