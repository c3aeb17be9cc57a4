/** What a drill has shown so far, for dashboards: its moments, outages, failback, prediction, replicas and what was verified. */
import type { Bounds } from '../../contract/bounds.ts';
import { catalogue } from '../../contract/catalogue.ts';
import { type DrillReport, type StageTable, stageIds } from '../../contract/drill.ts';
import type { ScheduledDrill } from '../schedules.ts';
import type { Family } from './exposition.ts';
import { family, shownDrills } from './gauges.ts';

type Value = readonly [labels: readonly string[], value: number];

const statuses = ['pass', 'fail', 'inconclusive'] as const;
const secondsPerMs = 1 / 1_000;

export function drillDetails(drills: readonly DrillReport[]): readonly Family[] {
  const shown = drills.slice(0, shownDrills);
  return [
    family(catalogue.drillMoment, shown.flatMap(moments)),
    family(catalogue.drillOutage, shown.flatMap(outages)),
    family(
      catalogue.drillFailback,
      shown.flatMap((drill) => stagesOf(drill.id, drill.failback)),
    ),
    family(catalogue.drillPredicted, shown.flatMap(predictions)),
    family(catalogue.drillEntry, shown.flatMap(entries)),
    family(catalogue.drillReplicas, shown.flatMap(replicas)),
    family(catalogue.drillVerified, shown.flatMap(verified)),
  ];
}

/** Of drills that are due at set times. */
export function scheduleGauges(drills: readonly ScheduledDrill[]): readonly Family[] {
  const of = ({ scenario, schedule }: ScheduledDrill): readonly string[] => [scenario, schedule.name];
  const runs = drills.flatMap((drill) => (drill.standing.last === null ? [] : [[drill, drill.standing.last] as const]));
  return [
    family(
      catalogue.drillLastRun,
      runs.map(([drill, last]): Value => [of(drill), last.beganMs * secondsPerMs]),
    ),
    family(
      catalogue.drillLastStatus,
      runs.flatMap(([drill, last]) =>
        statuses.map((status): Value => [[...of(drill), status], last.status === status ? 1 : 0]),
      ),
    ),
    family(
      catalogue.drillNextDue,
      drills.flatMap((drill): readonly Value[] => {
        const { nextDueMs } = drill.standing;
        return nextDueMs === null ? [] : [[of(drill), nextDueMs * secondsPerMs]];
      }),
    ),
    family(
      catalogue.drillOverdue,
      drills.map((drill): Value => [of(drill), drill.standing.overdue ? 1 : 0]),
    ),
  ];
}

/** One line for each bound of each stage, in seconds. */
export function stagesOf(drill: string, table: StageTable): readonly Value[] {
  return Object.entries(table).flatMap(([vantage, clients]) =>
    Object.entries(clients).flatMap(([client, stages]) =>
      stageIds.flatMap((stage) => bounded([drill, vantage, client, stage], stages?.[stage])),
    ),
  );
}

function moments(drill: DrillReport): readonly Value[] {
  const { startedMs, t0, restoreCalled, endedMs } = drill;
  const exact = (atMs: number | null): Bounds | null => (atMs === null ? null : { lowerMs: atMs, upperMs: atMs });
  const seen = { started: exact(startedMs), t0, 'restore-called': restoreCalled, ended: exact(endedMs) };
  return Object.entries(seen).flatMap(([moment, at]) => bounded([...named(drill), moment], at));
}

function outages({ id, entries: all }: DrillReport): readonly Value[] {
  return all.flatMap(({ entry, failover }) =>
    failover.passages.flatMap(({ vantage, client, main }) =>
      main === null ? [] : bounded([id, entry, vantage, client], main.length),
    ),
  );
}

function predictions({ id, predicted }: DrillReport): readonly Value[] {
  return stageIds.flatMap((stage) =>
    Object.entries(predicted[stage] ?? {}).map(([bound, ms]): Value => [[id, stage, bound], ms * secondsPerMs]),
  );
}

function entries({ id, entries: all }: DrillReport): readonly Value[] {
  return all.flatMap(({ entry, verdict }) =>
    statuses.map((status): Value => [[id, entry, status], verdict.status === status ? 1 : 0]),
  );
}

function replicas(drill: DrillReport): readonly Value[] {
  if (drill.replicas === undefined || drill.replicas === null || drill.status === 'over') return [];
  const { wanted, ready } = drill.replicas;
  return [
    [[...named(drill), 'wanted'], wanted],
    [[...named(drill), 'ready'], ready],
  ];
}

function verified(drill: DrillReport): readonly Value[] {
  return (drill.verified ?? []).map(({ part, name, state }): Value => [[...named(drill), part, name, state], 1]);
}

function named({ id, name, region }: DrillReport): readonly string[] {
  return [id, name, region];
}

function bounded(
  labels: readonly string[],
  bounds: { readonly lowerMs: number; readonly upperMs: number | null } | null | undefined,
): readonly Value[] {
  if (bounds === null || bounds === undefined) return [];
  const { lowerMs, upperMs } = bounds;
  return [
    [[...labels, 'lower'], lowerMs * secondsPerMs],
    ...(upperMs === null ? [] : [[[...labels, 'upper'], upperMs * secondsPerMs] as Value]),
  ];
}
