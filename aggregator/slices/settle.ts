/**
 * Expected results follow from the assignment: (check, vantage, round). Slice by slice, when an agent's mark has passed
 * it or it is too late, what was expected of that agent is declared; what did not come is missing, with a reason.
 */
import type { Check } from '../../contract/check.ts';
import type { MissingReason } from '../../contract/result.ts';
import { middleMs } from '../clock-offset.ts';
import { differFromMs, type Held, isElsewhere, roundsHeld, type Stretch as Slot } from '../ingest/hold.ts';
import { type Agent, retiredOf } from '../ingest/roster.ts';
import { alignmentMs } from './rounds.ts';
import type { SliceTable } from './table.ts';
import { sliceWidthMs } from './tiers.ts';

export type Settling = {
  readonly slices: SliceTable;
  assigned(): readonly { readonly check: Check; readonly sinceMs: number }[];
  /** Up to where all of the agent's current boot is counted, and by how much its rounds are moved. */
  sequenceOf(agent: Agent): { readonly committed: number; readonly alignByMs: number } | undefined;
  onMissing(check: string, vantage: string, reason: MissingReason, results: number): void;
  /** When this process began: agents had nowhere to send to before. */
  readonly startedMs: number;
};

/** How long after its end a slice waits for an agent whose mark has not passed it. */
export const latenessMs = 60_000;
/** Slices declared in one go, per agent: after a long stop the rest follows with the next. */
const maxSlicesPerTurn = 64;

/** Checks that an agent at this vantage makes. */
export function checksAt<C extends { readonly check: Check }>(assigned: readonly C[], vantage: string): readonly C[] {
  return assigned.filter(({ check }) => check.vantages === null || check.vantages.includes(vantage));
}

export function settle(agents: Iterable<Agent>, deps: Settling, nowMs: number): void {
  const all = [...agents];
  const retired = retiredOf(all, nowMs);
  for (const agent of all) {
    passMarks(agent, deps);
    if (retired.has(agent)) {
      agent.settled.clear();
      // Should it be expected again, then from then on.
      agent.firstSeenMs = nowMs;
      continue;
    }
    const groups = Map.groupBy(checksAt(deps.assigned(), agent.vantage), ({ check }) => check.everyMs);
    for (const everyMs of agent.settled.keys()) if (!groups.has(everyMs)) agent.settled.delete(everyMs);
    for (const [everyMs, checks] of groups) {
      const fromMs = agent.settled.get(everyMs) ?? floorToSlice(beganMs(agent, checks));
      agent.settled.set(everyMs, settleGroup(agent, checks, { fromMs, everyMs, nowMs }, deps));
    }
    const oldestMs = Math.min(nowMs, ...agent.settled.values());
    agent.gaps = agent.gaps.filter((gap) => gap.toMs === null || gap.toMs >= oldestMs - sliceWidthMs);
  }
}

/** A mark counts once everything before it does. */
function passMarks(agent: Agent, deps: Settling): void {
  const committed = deps.sequenceOf(agent)?.committed ?? 0;
  for (const mark of agent.marks) {
    if (mark.seq <= committed) agent.markMs = Math.max(agent.markMs ?? 0, mark.throughMs);
  }
  agent.marks = agent.marks.filter((mark) => mark.seq > committed);
}

type Assigned = { readonly check: Check; readonly sinceMs: number };
type Stretch = { readonly fromMs: number; readonly everyMs: number; readonly nowMs: number };

/** Declares slice after slice; returns the end of the last. */
function settleGroup(agent: Agent, checks: readonly Assigned[], stretch: Stretch, deps: Settling): number {
  let { fromMs } = stretch;
  for (let turn = 0; turn < maxSlicesPerTurn; turn += 1) {
    const toMs = fromMs + sliceWidthMs;
    if (!isComplete(agent, toMs, stretch, deps)) break;
    for (const { check, sinceMs } of checks) {
      const beganAtMs = Math.max(sinceMs, agent.firstSeenMs);
      const results = roundsOwed(agent, check, { fromMs: Math.max(fromMs, beganAtMs), toMs }, deps);
      if (results === 0) continue;
      const isNew = agent.link !== null && beganAtMs > fromMs - 2 * check.everyMs;
      const gap = agent.gaps.find((other) => overlaps(other, fromMs, toMs));
      const reason = gap?.reason ?? (isNew ? 'not-yet-assigned' : 'agent-gone');
      const absent = deps.slices.expect(
        { checkId: check.id, vantage: agent.vantage, burst: '' },
        fromMs,
        results,
        reason,
      );
      // What was dropped is counted where the agent said so.
      if (absent > 0 && gap === undefined) deps.onMissing(check.name, agent.vantage, reason, absent);
    }
    fromMs = toMs;
  }
  return fromMs;
}

function isComplete(agent: Agent, toMs: number, stretch: Stretch, deps: Settling): boolean {
  const { everyMs, nowMs } = stretch;
  // What an agent says of the future is not believed.
  if (nowMs < toMs) return false;
  const sequence = deps.sequenceOf(agent);
  // The last round of the slice starts before its end, and its attempt may be made up to an interval later.
  const markMs = agent.markMs === null ? null : agent.markMs + alignmentMs(everyMs, sequence?.alignByMs ?? 0);
  if (agent.link !== null && markMs !== null && markMs >= toMs + everyMs) return true;
  return nowMs >= Math.max(toMs + everyMs, deps.startedMs) + latenessMs;
}

/** From when on anything of these checks is expected of the agent. */
function beganMs(agent: Agent, checks: readonly Assigned[]): number {
  return Math.max(agent.firstSeenMs, Math.min(...checks.map(({ sinceMs }) => sinceMs)));
}

function overlaps(
  gap: { readonly fromMs: number; readonly toMs: number | null },
  fromMs: number,
  toMs: number,
): boolean {
  return gap.fromMs < toMs && (gap.toMs ?? Number.POSITIVE_INFINITY) >= fromMs;
}

function floorToSlice(timeMs: number): number {
  return Math.floor(timeMs / sliceWidthMs) * sliceWidthMs;
}

/**
 * What a disconnected agent owes since its last declared slice: too early to declare, but not to show. An agent is
 * gone after two intervals. `sinceMs`: of rounds from then on alone.
 */
export function owed(
  agent: Agent,
  deps: Settling,
  nowMs: number,
  sinceMs = Number.NEGATIVE_INFINITY,
): readonly { readonly check: Check; readonly results: number }[] {
  if (agent.link !== null || agent.settled.size === 0 || isElsewhere(agent)) return [];
  return checksAt(deps.assigned(), agent.vantage).flatMap(({ check, sinceMs: assignedMs }) => {
    const fromMs = agent.settled.get(check.everyMs);
    if (fromMs === undefined) return [];
    const toMs = nowMs - 2 * check.everyMs;
    const stretch = { fromMs: Math.max(fromMs, assignedMs, agent.firstSeenMs, sinceMs), toMs };
    return [{ check, results: roundsOwed(agent, check, stretch, deps) }];
  });
}

/** Rounds that start in the stretch and are ours to expect of this agent. */
function roundsOwed(agent: Agent, { everyMs }: Check, stretch: Slot, deps: Settling, held: Held = agent.held ?? null) {
  return roundsHeld(held, everyMs, stretch, alignmentMs(everyMs, alignByMs(agent, deps)));
}

function alignByMs(agent: Agent, deps: Settling): number {
  return deps.sequenceOf(agent)?.alignByMs ?? (agent.clock === null ? 0 : middleMs(agent.clock.bounds));
}

/** As long as any aggregator keeps slices: an agent that has moved is missed here until it says so. */
const correctedMs = 7 * 86_400_000;

/**
 * What was declared without knowing that the agent had moved is set right, back to where its word differs from ours:
 * rounds that another aggregator has are not missing here.
 */
export function correct(agent: Agent, before: Held, deps: Settling): void {
  const held = agent.held ?? null;
  const differsMs = differFromMs(before, held);
  if (differsMs === null) return;
  for (const { check, sinceMs } of checksAt(deps.assigned(), agent.vantage)) {
    const { everyMs } = check;
    const declaredToMs = agent.settled.get(everyMs);
    if (declaredToMs === undefined) continue;
    const beganAtMs = Math.max(sinceMs, agent.firstSeenMs);
    const alignedMs = differsMs + alignmentMs(everyMs, alignByMs(agent, deps));
    const firstMs = Math.max(alignedMs, beganAtMs, declaredToMs - correctedMs);
    for (let fromMs = floorToSlice(firstMs); fromMs < declaredToMs; fromMs += sliceWidthMs) {
      const stretch = { fromMs: Math.max(fromMs, beganAtMs), toMs: fromMs + sliceWidthMs };
      const results = roundsOwed(agent, check, stretch, deps) - roundsOwed(agent, check, stretch, deps, before);
      const key = { checkId: check.id, vantage: agent.vantage, burst: '' };
      if (results !== 0) deps.slices.expect(key, fromMs, results, 'agent-gone');
    }
  }
}
