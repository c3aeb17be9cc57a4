/** A fault that is a setting of one or more switchboards: claimed, set, renewed while the drill is open, given back. */
import type { Bounds } from '../../../contract/bounds.ts';
import type { Fault } from '../../fault.ts';
import { Trouble } from '../../trouble.ts';
import { boardOf, claim, giveBack, requireFree, type SwitchDeps, set } from './claims.ts';
import { remains } from './remains.ts';
import type { Switched, SwitchName, SwitchUndo } from './undo.ts';

export function switched(
  kind: SwitchName,
  region: string,
  settings: readonly Switched[],
  deps: SwitchDeps,
): Fault<SwitchUndo> {
  const { drill } = deps;
  return {
    name: `${kind} ${region}`,
    blastRadius: [...new Set([region, ...settings.map((one) => one.region)])],
    async plan(signal) {
      // Where there is no switchboard the guard refuses, and says what is missing.
      const known = settings.filter((one) => deps.switchboard(one.region) !== null);
      await requireAllFree(known, deps, signal);
      return { fault: kind, drill, region, settings };
    },
    rehearse: (undo, signal) => requireAllFree(undo.settings, deps, signal),
    async arm(undo, signal) {
      for (const one of undo.settings) await claim(one, deps, signal);
    },
    async inject(undo, signal) {
      const began: Bounds[] = [];
      for (const one of undo.settings) began.push(await set(one, deps, signal));
      const [first] = began;
      if (first === undefined) throw new Trouble('wrong-input', `${region}: there is nothing to set`);
      return first;
    },
    restore: (undo, signal) => giveAllBack(undo, deps, signal),
    remains: (undo, signal) => remains(undo, (one) => boardOf(one, deps), signal),
    async disarm(undo, signal) {
      await giveAllBack(undo, deps, signal);
    },
    renew: (undo, signal) => renewAll(undo, deps, signal),
  };
}

async function requireAllFree(settings: readonly Switched[], deps: SwitchDeps, signal: AbortSignal): Promise<void> {
  for (const one of settings) {
    const board = boardOf(one, deps);
    requireFree(await board.read(one.subject, signal), board);
  }
}

/** One that cannot be given back must not keep the others from it. */
async function giveAllBack({ settings }: SwitchUndo, deps: SwitchDeps, signal: AbortSignal): Promise<Bounds | null> {
  const troubles: unknown[] = [];
  let first: Bounds | null = null;
  for (const one of settings.toReversed()) {
    try {
      const bounds = await giveBack(one, deps, signal);
      first ??= bounds;
    } catch (error) {
      troubles.push(error);
    }
  }
  if (troubles.length > 0) throw troubles[0];
  return first;
}

async function renewAll({ settings }: SwitchUndo, deps: SwitchDeps, signal: AbortSignal): Promise<string | null> {
  for (const one of settings) {
    const board = boardOf(one, deps);
    if (await board.renew(one.subject, deps.drill, deps.leaseMs, signal)) continue;
    return `${one.subject} at ${board.name} is no longer set for this drill: its lease ended, or somebody took it back`;
  }
  return null;
}
