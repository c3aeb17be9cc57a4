/** Drills that are due at set times, and whether they were run: as `drill serve` announces them and the aggregator keeps them. */
import type { DrillReport } from './drill.ts';
import type { Status, Verdict } from './verdict.ts';

/** The last run of a drill that broke something: one that was refused shows nothing. */
export type LastRun = {
  readonly drill: string;
  /** Epoch milliseconds on the aggregator's clock. */
  readonly beganMs: number;
  readonly status: Status;
  readonly restored: boolean;
};

export type DrillSchedule = {
  /** The drill's name in its scenario. */
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  /** Since when the drill is asked for at these times: nothing was due before. */
  readonly sinceMs: number;
  /** The times at which it is due that nobody had met when this was announced, and some more to come; in order. */
  readonly dueMs: readonly number[];
  /** So long after a due time it is overdue. */
  readonly graceMs: number;
  readonly last: LastRun | null;
};

/** All of a scenario: what is not among them is not scheduled any more. */
export type Schedules = {
  readonly scenario: string;
  readonly schedules: readonly DrillSchedule[];
};

/** Clocks differ: a run that began so long before it was due was meant. */
export const earlyMs = 120_000;

export type Standing = {
  readonly last: LastRun | null;
  /** The first due time that no run has met; `null`: nobody has said any more. */
  readonly nextDueMs: number | null;
  readonly overdue: boolean;
};

function isMet(dueMs: number, last: LastRun | null): boolean {
  return last !== null && last.beganMs + earlyMs >= dueMs;
}

/** How a schedule stands, with what is known of runs since it was announced. */
export function standingOf(schedule: DrillSchedule, last: LastRun | null, nowMs: number): Standing {
  const newest = newerOf(schedule.last, last);
  const nextDueMs = schedule.dueMs.find((dueMs) => !isMet(dueMs, newest)) ?? null;
  return { last: newest, nextDueMs, overdue: nextDueMs !== null && nowMs > nextDueMs + schedule.graceMs };
}

export function newerOf(one: LastRun | null, other: LastRun | null): LastRun | null {
  if (one === null || other === null) return one ?? other;
  // Of the same drill what was said later is truer.
  return other.beganMs >= one.beganMs ? other : one;
}

/** The last run of a drill among reports; `null`: none of them is one. */
export function lastRunOf(scenario: string, name: string, drills: readonly DrillReport[]): LastRun | null {
  return drills.reduce<LastRun | null>((last, drill) => {
    // An observation broke nothing, and one without t0 did not come so far.
    const counts =
      drill.scenario === scenario && drill.name === name && drill.t0 !== null && drill.fault !== 'observed';
    if (!counts) return last;
    const { id, startedMs: beganMs, restored } = drill;
    return newerOf(last, { drill: id, beganMs, status: drill.verdict.status, restored });
  }, null);
}

/** Objectives have no colon in their names. */
const prefix = 'drill:';

export function scheduleId(name: string): string {
  return `${prefix}${name}`;
}

export function nameOfSchedule(id: string): string {
  return id.slice(prefix.length);
}

/** An overdue drill is a failing verdict: what was not shown in time counts as not so. */
export function scheduleVerdict(schedule: DrillSchedule, last: LastRun | null, nowMs: number): Verdict {
  const standing = standingOf(schedule, last, nowMs);
  const { status, because } = judged(schedule, standing, nowMs);
  const measured = status === 'inconclusive' ? null : Number(status === 'pass');
  return {
    id: scheduleId(schedule.name),
    status,
    because,
    measured,
    target: 1,
    n: status === 'inconclusive' ? 0 : 1,
    // It was run in time or it was not: nothing is estimated.
    interval: measured === null ? null : [measured, measured],
    needed: null,
    missing: 0,
    at: nowMs,
    final: true,
  };
}

function judged(
  { name, cron, timeZone, graceMs }: DrillSchedule,
  { last, nextDueMs, overdue }: Standing,
  nowMs: number,
): Pick<Verdict, 'status' | 'because'> {
  const run =
    last === null ? 'it has never run' : `it ran last at ${utc(last.beganMs)} (${last.drill}: ${last.status})`;
  const by = `"${cron}", ${timeZone}`;
  if (nextDueMs === null) {
    const because = `nobody has said when drill ${name} (${by}) is due next: "drill serve" is silent; ${run}`;
    return { status: 'inconclusive', because };
  }
  if (!overdue) return { status: 'pass', because: `drill ${name} (${by}) is due at ${utc(nextDueMs)}; ${run}` };
  const late = `${hours(nowMs - nextDueMs)} ago, and may be ${hours(graceMs)} late`;
  return {
    status: 'fail',
    because: `drill ${name} (${by}) is overdue: it was due at ${utc(nextDueMs)}, ${late}; ${run}`,
  };
}

function utc(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

function hours(ms: number): string {
  const hourMs = 3_600_000;
  return ms < 2 * hourMs ? `${Math.round(ms / 60_000)} min` : `${(ms / hourMs).toFixed(1)} h`;
}
