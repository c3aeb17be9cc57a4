/** Drills that are due at set times, as `drill serve` announced them: on disk before it is answered, so that nobody has to be up for one to be overdue. */
import type { DrillReport } from '../contract/drill.ts';
import {
  type DrillSchedule,
  lastRunOf,
  type Schedules,
  type Standing,
  scheduleVerdict,
  standingOf,
} from '../contract/schedule.ts';
import type { Verdict } from '../contract/verdict.ts';
import type { Store } from './store/store.ts';

/** Scenarios whose schedules are kept; an aggregator has one, or a few. */
const maxScenarios = 20;

export type ScheduledDrill = {
  readonly scenario: string;
  readonly schedule: DrillSchedule;
  readonly standing: Standing;
};

export type ScheduleBook = {
  list(): readonly Schedules[];
  put(schedules: Schedules): Promise<void>;
  standings(nowMs: number): readonly ScheduledDrill[];
  /** One for each scheduled drill. */
  verdicts(nowMs: number): readonly Verdict[];
};

export function scheduleBook(
  store: Pick<Store, 'setMeta'> & { readonly loaded: Pick<Store['loaded'], 'schedules'> },
  drills: () => readonly DrillReport[],
): ScheduleBook {
  let known: readonly Schedules[] = JSON.parse(store.loaded.schedules ?? '[]') as readonly Schedules[];

  const all = () =>
    known.flatMap(({ scenario, schedules }) =>
      schedules.map((schedule) => ({ scenario, schedule, last: lastRunOf(scenario, schedule.name, drills()) })),
    );

  return {
    list: () => known,
    async put(schedules) {
      const others = known.filter(({ scenario }) => scenario !== schedules.scenario);
      const next = [schedules, ...others].slice(0, maxScenarios).filter((one) => one.schedules.length > 0);
      await store.setMeta('schedules', JSON.stringify(next));
      known = next;
    },
    standings: (nowMs) =>
      all().map(({ scenario, schedule, last }) => ({
        scenario,
        schedule,
        standing: standingOf(schedule, last, nowMs),
      })),
    verdicts: (nowMs) => all().map(({ schedule, last }) => scheduleVerdict(schedule, last, nowMs)),
  };
}
