/** What is known of vantages beyond one round: whether everything they ask fails, and whom their resolver contradicts. */
import type { Check } from '../../contract/check.ts';
import { errorMs } from '../clock-offset.ts';
import type { Agent } from '../ingest/roster.ts';
import type { VantageFacts } from '../quorum.ts';
import { referencesName } from './references.ts';

/** What a check at a vantage showed last. */
export type Last = {
  good: boolean;
  failedAt: string | null;
  atMs: number;
  readonly everyMs: number;
  /** Nobody looks at it any more: there will be another. */
  forgotten: boolean;
};

export type Health = {
  /** Of a result that came and is not missing; found once for many results, which are then put into it. */
  last(vantage: string, checkId: string, everyMs: number): Last;
  facts(vantage: string, nowMs: number): Omit<VantageFacts, 'region' | 'trouble'>;
  forget(nowMs: number): void;
};

/** A result older than so many of its intervals says nothing about now. */
const freshIntervals = 3;
/** An agent that cannot tell the time to a second cannot say when anything happened. */
const maxClockErrorMs = 1_000;
const maxLoopDelayMs = 500;

export function health(assigned: () => readonly Check[]): Health {
  const vantages = new Map<string, Map<string, Last>>();
  /** Many rounds are judged at the same moment, and all of them ask. */
  const known = new Map<string, { readonly atMs: number; readonly facts: ReturnType<Health['facts']> }>();

  function fresh(vantage: string, nowMs: number): readonly (readonly [string, Last])[] {
    const entries = [...(vantages.get(vantage) ?? [])];
    return entries.filter(([, last]) => nowMs - last.atMs <= freshIntervals * last.everyMs + freshFloorMs);
  }

  return {
    last(vantage, checkId, everyMs) {
      const checks = vantages.get(vantage) ?? new Map<string, Last>();
      vantages.set(vantage, checks);
      const before = checks.get(checkId);
      if (before?.everyMs === everyMs) return before;
      const fresh = { good: true, failedAt: null, atMs: 0, everyMs, forgotten: false };
      if (before !== undefined) before.forgotten = true;
      checks.set(checkId, fresh);
      return fresh;
    },
    facts(vantage, nowMs) {
      const before = known.get(vantage);
      if (before?.atMs === nowMs) return before.facts;
      const lasts = fresh(vantage, nowMs);
      const everythingFails = lasts.length > 1 && lasts.every(([, last]) => !last.good);
      const references = lasts.filter(([id]) => id.startsWith(`${referencesName}/`));
      const facts = {
        vantage,
        everythingFails,
        resolvesNothing: everythingFails && lasts.every(([, last]) => last.failedAt === 'resolve'),
        referencesFail: references.length > 0 && references.every(([, last]) => !last.good),
        resolverContradicts: contradicts(new Map(lasts), assigned()),
      };
      known.set(vantage, { atMs: nowMs, facts });
      return facts;
    },
    forget(nowMs) {
      for (const [vantage, checks] of vantages) {
        for (const [id, last] of checks) {
          if (nowMs - last.atMs <= forgottenAfterMs) continue;
          last.forgotten = true;
          checks.delete(id);
        }
        if (checks.size > 0) continue;
        vantages.delete(vantage);
        known.delete(vantage);
      }
    },
  };
}

const freshFloorMs = 1_000;
const forgottenAfterMs = 3_600_000;

/** Its own resolver answers, and wrongly, while every authority that it asks for the same name answers rightly. */
function contradicts(lasts: ReadonlyMap<string, Last>, checks: readonly Check[]): boolean {
  return checks.some((own) => {
    const last = lasts.get(own.id);
    if (own.kind !== 'dns' || own.server !== null || last === undefined) return false;
    if (last.good || last.failedAt !== 'answer') return false;
    const authorities = checks.filter(
      (other) =>
        other.kind === 'dns' && other.server !== null && other.hostname === own.hostname && lasts.has(other.id),
    );
    return authorities.length > 0 && authorities.every((other) => lasts.get(other.id)?.good === true);
  });
}

/** What is wrong with the vantage itself, in one phrase. */
export function troubleOf(agent: Agent | undefined, worstLoopDelayMs: number): string | null {
  if (worstLoopDelayMs > maxLoopDelayMs) return `its event loop stood still for ${Math.round(worstLoopDelayMs)} ms`;
  const clock = agent?.clock ?? null;
  if (clock !== null && errorMs(clock.bounds) > maxClockErrorMs) {
    return `its clock is only known to ${Math.round(errorMs(clock.bounds))} ms`;
  }
  return null;
}
