/** What is known of the scheduled drills of a scenario, and which of them is to be run now. Pure. */
import {
  type DrillSchedule,
  earlyMs,
  type LastRun,
  newerOf,
  type Schedules,
  standingOf,
} from '../../contract/schedule.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import { allowedDueTimes } from '../schedule/allowed.ts';

export type Scheduled = {
  readonly plan: DrillPlan;
  readonly schedule: DrillSchedule;
  /** Not to be tried again before; it was refused, or could not be begun. */
  readonly notBeforeMs: number;
  /** Why it was not begun when it was tried last; `null`: it was, or never tried. */
  readonly because: string | null;
};

/** Enough for the aggregator to tell what is overdue while nobody tells it more. */
const dueTimesAhead = 10;

/**
 * The scheduled drills of a scenario. `before`: as they were announced; of one whose times are the same what is known
 * goes on, all others begin now.
 */
export function scheduledIn(scenario: Scenario, before: readonly Scheduled[], nowMs: number): readonly Scheduled[] {
  return scenario.drills.flatMap((plan): readonly Scheduled[] => {
    const { schedule: wanted, name } = plan;
    if (wanted === null) return [];
    const known = before.find((one) => one.schedule.name === name);
    const { cron, timeZone, graceMs } = wanted;
    const goesOn = known !== undefined && known.schedule.cron === cron && known.schedule.timeZone === timeZone;
    const last = known?.schedule.last ?? null;
    const sinceMs = goesOn ? known.schedule.sinceMs : nowMs;
    const schedule = { name, cron, timeZone, sinceMs, graceMs, last, dueMs: [] };
    const tried = { notBeforeMs: known?.notBeforeMs ?? 0, because: known?.because ?? null };
    return [withDueTimes({ plan, schedule, ...tried }, scenario, nowMs)];
  });
}

/** Its due times anew: the first that no run has met, those that it may still be begun for, and some to come. */
export function withDueTimes(one: Scheduled, scenario: Scenario, nowMs: number): Scheduled {
  const { schedule, plan } = one;
  if (plan.schedule === null) return one;
  const { sinceMs, last, graceMs } = schedule;
  const fromMs = last === null ? sinceMs : Math.max(sinceMs, last.beganMs + earlyMs);
  const first = allowedDueTimes(plan.schedule, scenario, fromMs, 1);
  const rest = allowedDueTimes(plan.schedule, scenario, Math.max(fromMs, nowMs - graceMs - 1), dueTimesAhead);
  return { ...one, schedule: { ...schedule, dueMs: [...new Set([...first, ...rest])] } };
}

/** With a run that became known, by whomever. */
export function withRun(one: Scheduled, run: LastRun | null, scenario: Scenario, nowMs: number): Scheduled {
  const last = newerOf(one.schedule.last, run);
  const isNew = last?.drill !== one.schedule.last?.drill;
  const tried = isNew ? { notBeforeMs: 0, because: null } : {};
  return withDueTimes({ ...one, ...tried, schedule: { ...one.schedule, last } }, scenario, nowMs);
}

export function announcement(scenario: Scenario, all: readonly Scheduled[]): Schedules {
  return { scenario: scenario.service, schedules: all.map(({ schedule }) => schedule) };
}

/**
 * The drill to begin now, the one that was due first; `undefined`: none. One whose grace is over is not begun any more: it
 * is overdue until its next time, or until somebody runs it.
 */
export function toBegin(all: readonly Scheduled[], nowMs: number): Scheduled | undefined {
  const due = all.flatMap((one) => {
    const dueMs = one.schedule.dueMs.findLast((atMs) => atMs <= nowMs);
    const inTime = dueMs !== undefined && nowMs <= dueMs + one.schedule.graceMs && nowMs >= one.notBeforeMs;
    return inTime ? [{ one, dueMs }] : [];
  });
  return due.toSorted((a, b) => a.dueMs - b.dueMs)[0]?.one;
}

/** When the next drill may have to be begun; `Infinity`: nothing is due. */
export function nextBeginMs(all: readonly Scheduled[], nowMs: number): number {
  return Math.min(
    ...all
      .flatMap(({ schedule, notBeforeMs }) => schedule.dueMs.map((atMs) => Math.max(atMs, notBeforeMs)))
      .filter((atMs) => atMs > nowMs),
  );
}

/** Overdue drills, by name. */
export function overdueIn(all: readonly Scheduled[], nowMs: number): readonly string[] {
  return all.filter(({ schedule }) => standingOf(schedule, null, nowMs).overdue).map(({ schedule }) => schedule.name);
}
