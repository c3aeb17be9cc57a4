import { describe, expect, onTestFinished, test } from 'vitest';
import type { Outcome } from '../../chaos/run.ts';
import { type Serving, serve } from '../../chaos/serve.ts';
import { Trouble } from '../../chaos/trouble.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { silent } from '../../contract/log.ts';
import { type Schedules, scheduleVerdict, standingOf } from '../../contract/schedule.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import type { SchedulePlan } from '../../scenarios/schedule.ts';
import { type FakeClock, fakeClock } from '../fakes/clock.ts';
import { drillReport } from '../fakes/drill-report.ts';
import { drillWorld } from '../fakes/drill-world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const berlin = 'Europe/Berlin';

type Stage = {
  readonly clock: FakeClock;
  readonly serving: Serving;
  /** When drills began, in UTC. */
  readonly began: string[];
  readonly interrupt: AbortController;
  /** What the aggregator knows. */
  announced: Schedules | null;
  /** Drills that it lists. */
  drills: readonly DrillReport[];
  /** What a run comes to; by default it passes after a minute. */
  run: (drill: DrillPlan) => Promise<Outcome>;
  next: Scenario | Error | null;
  isAway: boolean;
};

function scheduled(cron: string, timeZone = 'UTC'): SchedulePlan {
  return { cron, timeZone, graceMs: hourMs };
}

async function scenarioWith(...schedules: readonly SchedulePlan[]): Promise<Scenario> {
  const { options } = await drillWorld();
  const drills = schedules.map((schedule, index) => ({ ...options.drill, name: `d${index + 1}`, schedule }));
  return { ...options.scenario, drills };
}

function outcomeOf(name: string, atMs: number, exit: Outcome['exit'] = 0): Outcome {
  const t0 = exit === 4 ? null : { lowerMs: atMs, upperMs: atMs };
  const stopped = exit === 4 ? 'not injecting, rule 9 (guard.freeze): a freeze' : null;
  const said: DrillReport = { ...drillReport(name, atMs, []), id: `${name}-${atMs}`, t0, stopped };
  return { report: said, exit, refusals: [], evidence: null, html: null };
}

function stage(scenario: Scenario, at: string, given: Partial<Pick<Stage, 'announced' | 'drills'>> = {}): Stage {
  const clock = fakeClock(Date.parse(at));
  const interrupt = new AbortController();
  const began: string[] = [];
  const fleet = {
    drills: async () => ({ drills: own.drills }),
    async schedules() {
      if (own.isAway) throw new Trouble('unreachable', 'aggregator cannot be reached');
      return { scenarios: own.announced === null ? [] : [own.announced] };
    },
    async announceSchedules(schedules: Schedules) {
      if (own.isAway) throw new Trouble('unreachable', 'aggregator cannot be reached');
      own.announced = schedules;
    },
  };
  const own: { -readonly [K in keyof Omit<Stage, 'serving'>]: Stage[K] } = {
    clock,
    began,
    interrupt,
    announced: null,
    drills: [],
    next: null,
    isAway: false,
    run: (drill) =>
      new Promise((resolve) => {
        const atMs = clock.nowMs();
        clock.after(minuteMs, () => resolve(outcomeOf(drill.name, atMs)));
      }),
    ...given,
  };
  const serving = serve(scenario, {
    clock,
    log: silent,
    fleet,
    interrupt: interrupt.signal,
    async run(_scenario, drill) {
      began.push(`${drill.name} ${new Date(clock.nowMs()).toISOString().slice(0, 16)}`);
      const outcome = await own.run(drill);
      if (outcome.report.t0 !== null) own.drills = [outcome.report, ...own.drills];
      return outcome;
    },
    async reloaded() {
      const { next } = own;
      own.next = null;
      if (next instanceof Error) throw next;
      return next;
    },
  });
  onTestFinished(() => interrupt.abort());
  return Object.assign(own, { serving });
}

/** As the aggregator judges the first drill, with what it was told and knows. */
function verdictOf({ announced, clock }: Stage) {
  const [schedule] = announced?.schedules ?? [];
  if (schedule === undefined) throw new Error('nothing was announced');
  return scheduleVerdict(schedule, null, clock.nowMs());
}

describe('drills are run when they are due', () => {
  test('by UTC, each time once', async () => {
    const { clock, began } = stage(await scenarioWith(scheduled('0 */6 * * *')), '2026-11-22T05:50Z');
    await clock.advance(13 * hourMs);
    expect(began).toEqual(['d1 2026-11-22T06:00', 'd1 2026-11-22T12:00', 'd1 2026-11-22T18:00']);
  });

  test('a time that the clock skips: once, when the clock has changed', async () => {
    const { clock, began } = stage(await scenarioWith(scheduled('30 2 * * *', berlin)), '2026-03-29T00:30Z');
    await clock.advance(4 * hourMs);
    expect(began).toEqual(['d1 2026-03-29T01:00']);
  });

  test('a time that comes twice: once, the first time', async () => {
    const { clock, began } = stage(await scenarioWith(scheduled('30 2 * * *', berlin)), '2026-10-25T00:20Z');
    await clock.advance(4 * hourMs);
    expect(began).toEqual(['d1 2026-10-25T00:30']);
  });

  test('one at a time: the second waits for the first', async () => {
    const { clock, began } = stage(
      await scenarioWith(scheduled('0 6 * * *'), scheduled('0 6 * * *')),
      '2026-11-22T05:59Z',
    );
    await clock.advance(5 * minuteMs);
    expect(began).toEqual(['d1 2026-11-22T06:00', 'd2 2026-11-22T06:01']);
  });

  test('one that the guard refuses is tried again while its grace lasts, and then no more', async () => {
    const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T05:59Z');
    play.run = async ({ name }) => outcomeOf(name, play.clock.nowMs(), 4);
    await play.clock.advance(3 * hourMs);
    expect(play.began.length).toBe(13);
    expect(play.began.at(-1)).toBe('d1 2026-11-22T07:00');
    expect(play.serving.scheduled()[0]?.because).toContain('guard.freeze');
    expect(verdictOf(play)).toMatchObject({ id: 'drill:d1', status: 'fail' });
  });

  test('one that cannot be begun because the aggregator is away is begun when it is back', async () => {
    const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T05:59Z');
    const well = play.run;
    play.run = () => Promise.reject(new Trouble('unreachable', 'aggregator cannot be reached'));
    await play.clock.advance(6 * minuteMs);
    play.run = well;
    await play.clock.advance(6 * minuteMs);
    expect(play.began).toEqual(['d1 2026-11-22T06:00', 'd1 2026-11-22T06:05', 'd1 2026-11-22T06:10']);
    expect(play.serving.scheduled()[0]?.because).toBeNull();
  });
});

describe('an overdue drill is a failing verdict', () => {
  test('also when drill serve was down meanwhile, and a run by hand ends it', async () => {
    const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T05:00Z');
    await play.clock.advance(minuteMs);
    play.interrupt.abort();
    await play.serving.ended;
    expect(verdictOf(play).status).toBe('pass');
    await play.clock.advance(2 * hourMs - 2 * minuteMs);
    expect(verdictOf(play).status).toBe('pass');
    await play.clock.advance(2 * minuteMs);
    expect(verdictOf(play)).toMatchObject({ status: 'fail', measured: 0 });
    expect(verdictOf(play).because).toBe(
      'drill d1 ("0 6 * * *", UTC) is overdue: it was due at 2026-11-22T06:00:00Z, 61 min ago, and may be 60 min late; it has never run',
    );
    const [schedule] = play.announced?.schedules ?? [];
    const byHand = { drill: 'd1-x', beganMs: play.clock.nowMs(), status: 'pass', restored: true } as const;
    if (schedule === undefined) throw new Error('nothing was announced');
    expect(scheduleVerdict(schedule, byHand, play.clock.nowMs()).status).toBe('pass');
  });

  test('one that was due while drill serve was down, longer ago than its grace, is not made up for, and stays overdue', async () => {
    const scenario = await scenarioWith(scheduled('0 6,12 * * *'));
    const before = stage(scenario, '2026-11-21T13:00Z');
    await before.clock.advance(minuteMs);
    before.interrupt.abort();
    const play = stage(scenario, '2026-11-22T09:00Z', { announced: before.announced });
    await play.clock.advance(2 * hourMs);
    expect(play.began).toEqual([]);
    expect(verdictOf(play).status).toBe('fail');
    await play.clock.advance(hourMs + 2 * minuteMs);
    expect(play.began).toEqual(['d1 2026-11-22T12:00']);
    expect(verdictOf(play)).toMatchObject({ status: 'pass', measured: 1 });
  });

  test('one that was missed by less than its grace is run at once', async () => {
    const before = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-21T07:00Z');
    await before.clock.advance(minuteMs);
    before.interrupt.abort();
    const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T06:40Z', {
      announced: before.announced,
    });
    await play.clock.advance(5 * minuteMs);
    expect(play.began).toEqual(['d1 2026-11-22T06:40']);
  });

  test('after a restart a drill that has run is not run a second time', async () => {
    const scenario = await scenarioWith(scheduled('0 6 * * *'));
    const before = stage(scenario, '2026-11-22T05:59Z');
    await before.clock.advance(3 * minuteMs);
    before.interrupt.abort();
    const { announced, drills } = before;
    const play = stage(scenario, '2026-11-22T06:10Z', { announced, drills });
    await play.clock.advance(10 * minuteMs);
    expect(play.began).toEqual([]);
  });

  test('what is scheduled anew was never due before', async () => {
    const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T09:00Z');
    await play.clock.advance(minuteMs);
    const [schedule] = play.announced?.schedules ?? [];
    if (schedule === undefined) throw new Error('nothing was announced');
    expect(standingOf(schedule, null, play.clock.nowMs())).toEqual({
      last: null,
      nextDueMs: Date.parse('2026-11-23T06:00Z'),
      overdue: false,
    });
  });

  test('where nobody says any more when it is due nothing is known', async () => {
    const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T05:00Z');
    await play.clock.advance(minuteMs);
    const [schedule] = play.announced?.schedules ?? [];
    const last = { drill: 'd1-x', beganMs: Date.parse('2027-11-22T05:00Z'), status: 'pass', restored: true } as const;
    if (schedule === undefined) throw new Error('nothing was announced');
    expect(scheduleVerdict(schedule, last, last.beganMs + 1).status).toBe('inconclusive');
  });
});

describe('a scenario that changes', () => {
  test('is taken without a restart, and its other times begin now', async () => {
    const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T05:00Z');
    await play.clock.advance(minuteMs);
    play.next = await scenarioWith(scheduled('30 5 * * *'));
    await play.clock.advance(2 * hourMs);
    expect(play.began).toEqual(['d1 2026-11-22T05:30']);
    expect(play.announced?.schedules.map(({ cron }) => cron)).toEqual(['30 5 * * *']);
  });

  test('and cannot be read leaves the old one in force', async () => {
    const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T05:00Z');
    play.next = new Error('shop.yaml:3:1: got …');
    await play.clock.advance(2 * hourMs);
    expect(play.began).toEqual(['d1 2026-11-22T06:00']);
  });
});

test('an interrupt waits for the drill that runs', async () => {
  const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T05:59Z');
  const end = Promise.withResolvers<Outcome>();
  play.run = () => end.promise;
  await play.clock.advance(2 * minuteMs);
  let hasEnded = false;
  void play.serving.ended.then(() => {
    hasEnded = true;
  });
  play.interrupt.abort();
  await play.clock.advance(minuteMs);
  expect(hasEnded).toBe(false);
  end.resolve(outcomeOf('d1', play.clock.nowMs()));
  await play.serving.ended;
});

test('nothing runs, and it is not ready, before the aggregator has said what ran before', async () => {
  const play = stage(await scenarioWith(scheduled('0 6 * * *')), '2026-11-22T05:59Z');
  play.isAway = true;
  await play.clock.advance(10 * minuteMs);
  expect(play.serving.notReady()).not.toBeNull();
  play.isAway = false;
  await play.clock.advance(minuteMs);
  expect(play.serving.notReady()).toBeNull();
});
