/** Runs drills when they are due: one at a time, and only where the guard lets them begin. */
import { type Clock, sleep } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import { lastRunOf } from '../contract/schedule.ts';
import type { DrillPlan, Scenario } from '../scenarios/scenario.ts';
import type { Fleet } from './aggregator-client.ts';
import type { Outcome } from './run.ts';
import { announcement, nextBeginMs, overdueIn, type Scheduled, scheduledIn, toBegin, withRun } from './serve/state.ts';
import { sentenceOf } from './trouble.ts';

export type ServeDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly fleet: Pick<Fleet, 'drills' | 'schedules' | 'announceSchedules'>;
  run(scenario: Scenario, drill: DrillPlan): Promise<Outcome>;
  /** The scenario as it is to be used from now on; `null` while it is as it was. Rejects where it cannot be read. */
  reloaded(): Promise<Scenario | null>;
  /** SIGTERM. It stops a drill that runs, by way of restoring. */
  readonly interrupt: AbortSignal;
};

export type Serving = {
  scheduled(): readonly Scheduled[];
  readonly scenario: () => string;
  /** Why it is not ready; `null` when it is. */
  notReady(): string | null;
  /** Resolves when it was interrupted and no drill runs any more. */
  readonly ended: Promise<void>;
};

/** A drill that was refused is tried again so long after, while its grace lasts. */
const againMs = 300_000;
const lookEveryMs = 5_000;
/** The aggregator is told, and asked for runs by others, so often. */
const tellEveryMs = 60_000;
/** Where it could not be told. */
const tellAgainMs = 5_000;

export function serve(first: Scenario, deps: ServeDeps): Serving {
  const { clock, log, fleet, interrupt } = deps;
  let scenario = first;
  let all: readonly Scheduled[] = [];
  let isKnown = false;
  let trouble: string | null = 'the aggregator has not been told yet';
  let tellAtMs = Number.NEGATIVE_INFINITY;
  let overdue: readonly string[] = [];

  /** What the aggregator knows from before, the first time; runs by others; and what it is to know. */
  async function tell(): Promise<void> {
    try {
      if (!isKnown) all = scheduledIn(scenario, await knownBefore(), clock.wallMs());
      isKnown = true;
      const { drills } = await fleet.drills(interrupt);
      all = all.map((one) => {
        const run = lastRunOf(scenario.service, one.schedule.name, drills);
        return withRun(one, run, scenario, clock.wallMs());
      });
      await fleet.announceSchedules(announcement(scenario, all), interrupt);
      trouble = null;
      tellAtMs = clock.nowMs() + tellEveryMs;
    } catch (error) {
      if (interrupt.aborted) return;
      if (trouble !== sentenceOf(error))
        log.warn({ why: sentenceOf(error) }, 'the aggregator does not know the schedules');
      trouble = sentenceOf(error);
      tellAtMs = clock.nowMs() + tellAgainMs;
    }
  }

  async function knownBefore(): Promise<readonly Scheduled[]> {
    const { scenarios } = await fleet.schedules(interrupt);
    const known = scenarios.find((one) => one.scenario === scenario.service)?.schedules ?? [];
    return known.flatMap((schedule) => {
      const plan = scenario.drills.find(({ name }) => name === schedule.name);
      return plan === undefined ? [] : [{ plan, schedule, notBeforeMs: 0, because: null }];
    });
  }

  /** A scenario that cannot be read leaves everything as it was. */
  async function reload(): Promise<void> {
    try {
      const next = await deps.reloaded();
      if (next === null) return;
      // Under its old name nothing is due any more.
      if (next.service !== scenario.service) {
        await fleet.announceSchedules({ scenario: scenario.service, schedules: [] }, interrupt);
      }
      scenario = next;
      if (isKnown) all = scheduledIn(scenario, all, clock.wallMs());
      tellAtMs = Number.NEGATIVE_INFINITY;
      log.info({ drills: all.map(({ schedule }) => schedule.name) }, 'reloaded');
    } catch (error) {
      log.error({ why: sentenceOf(error) }, 'the scenario cannot be read: the one from before goes on');
    }
  }

  function noteOverdue(): void {
    const now = overdueIn(all, clock.wallMs());
    for (const drill of now) if (!overdue.includes(drill)) log.error({ drill }, 'a drill is overdue');
    overdue = now;
  }

  async function begin({ plan, schedule }: Scheduled): Promise<void> {
    const { name } = schedule;
    log.info({ drill: name }, 'due');
    let because: string | null = null;
    try {
      const { report, exit } = await deps.run(scenario, plan);
      log.info({ drill: name, id: report.id, exit, verdict: report.verdict }, 'the drill is over');
      const run = lastRunOf(scenario.service, name, [report]);
      because = run === null ? (report.stopped ?? report.verdict.because) : null;
      all = all.map((one) => (one.schedule.name === name ? withRun(one, run, scenario, clock.wallMs()) : one));
    } catch (error) {
      because = sentenceOf(error);
    }
    if (because === null || interrupt.aborted) return;
    log.warn({ drill: name, why: because }, 'the drill was not begun, and is tried again while its grace lasts');
    const notBeforeMs = clock.wallMs() + againMs;
    all = all.map((one) => (one.schedule.name === name ? { ...one, because, notBeforeMs } : one));
  }

  async function loop(): Promise<void> {
    while (!interrupt.aborted) {
      await reload();
      if (clock.nowMs() >= tellAtMs) await tell();
      noteOverdue();
      // What has run before is not known until the aggregator was asked: nothing shall run a second time.
      const due = isKnown ? toBegin(all, clock.wallMs()) : undefined;
      if (due !== undefined && !interrupt.aborted) {
        await begin(due);
        tellAtMs = Number.NEGATIVE_INFINITY;
        continue;
      }
      const untilDueMs = nextBeginMs(all, clock.wallMs()) - clock.wallMs();
      await sleep(clock, Math.min(lookEveryMs, untilDueMs), interrupt).catch(() => undefined);
    }
  }

  return {
    scheduled: () => all,
    scenario: () => scenario.service,
    notReady: () => (interrupt.aborted ? 'it is ending' : trouble),
    ended: loop(),
  };
}
