/** What is computed when somebody looks: fleet, objectives, drills, regions. */

import type { FleetAgent } from '../../contract/api.ts';
import { aliasMetrics, catalogue, type MetricEntry } from '../../contract/catalogue.ts';
import { type DrillReport, drillPhases } from '../../contract/drill.ts';
import type { Objective } from '../../contract/objective.ts';
import type { Verdict } from '../../contract/verdict.ts';
import type { RegionFacts } from '../fleet/regions.ts';
import type { Burns } from '../slo/burns.ts';
import { stagesOf } from './drill-gauges.ts';
import type { Family, Label, Sample } from './exposition.ts';

const statuses = ['pass', 'fail', 'inconclusive'] as const;
const secondsPerMs = 1 / 1_000;
type Value = readonly [labels: readonly string[], value: number];

export function fleetGauges(agents: readonly FleetAgent[]): readonly Family[] {
  const compared = agents.flatMap((agent) => (agent.clock === null ? [] : [{ ...agent, clock: agent.clock }]));
  const connected = compared.filter((agent) => agent.connected);
  return [
    family(
      catalogue.agentConnected,
      agents.map((agent): Value => [[agent.agent, agent.vantage, agent.region], agent.connected ? 1 : 0]),
    ),
    family(
      catalogue.agentExpected,
      agents.map((agent): Value => [[agent.agent, agent.vantage], agent.expected]),
    ),
    family(
      catalogue.agentClockOffset,
      connected.map(({ agent, vantage, clock }): Value => [[agent, vantage], clock.offsetMs * secondsPerMs]),
    ),
    family(
      catalogue.agentClockError,
      connected.map(({ agent, vantage, clock }): Value => [[agent, vantage], clock.errorMs * secondsPerMs]),
    ),
  ];
}

export function sloGauges(objectives: readonly Objective[], verdicts: readonly Verdict[]): readonly Family[] {
  const kinds = new Map(objectives.map(({ id, indicator }) => [id, indicator.kind]));
  const isQuantile = (id: string): boolean => kinds.get(id) === 'latency' || kinds.get(id) === 'replication-lag';
  const bounds = (ofQuantiles: boolean, unit: number): readonly Value[] =>
    verdicts
      .filter(({ id }) => kinds.has(id) && isQuantile(id) === ofQuantiles)
      .flatMap(({ id, measured, interval, target }) => [
        ...(measured === null ? [] : [[[id, 'measured'], measured * unit] as Value]),
        ...(interval === null
          ? []
          : [[[id, 'lower'], interval[0] * unit] as Value, [[id, 'upper'], interval[1] * unit] as Value]),
        [[id, 'target'], target * unit] as Value,
      ]);
  return [
    family(
      catalogue.sloStatus,
      verdicts.flatMap(({ id, status }) => statuses.map((one): Value => [[id, one], one === status ? 1 : 0])),
    ),
    family(
      catalogue.sloSamples,
      verdicts.map(({ id, n }): Value => [[id], n]),
    ),
    family(
      catalogue.sloMissing,
      verdicts.map(({ id, missing }): Value => [[id], missing]),
    ),
    family(
      catalogue.sloNeeded,
      verdicts.map(({ id, needed }): Value => [[id], needed ?? 0]),
    ),
    family(catalogue.sloRatio, bounds(false, 1)),
    family(catalogue.sloLatency, bounds(true, secondsPerMs)),
  ];
}

export function burnGauges(burns: readonly Burns[]): readonly Family[] {
  const values = burns.flatMap(({ objective, windows }) =>
    windows.flatMap(({ name, tally: { good, unsure, n } }): readonly Value[] => [
      [[objective.id, name, 'good'], good],
      [[objective.id, name, 'bad'], n - good - unsure],
      [[objective.id, name, 'unsure'], unsure],
    ]),
  );
  return [family(catalogue.sloWindow, values)];
}

/** Drills whose series are shown: the newest. */
export const shownDrills = 10;

export function drillGauges(drills: readonly DrillReport[]): readonly Family[] {
  const shown = drills.slice(0, shownDrills);
  const of = ({ id, name, region }: DrillReport): readonly string[] => [id, name, region];
  return [
    family(
      catalogue.drillPhase,
      shown.flatMap((drill) =>
        drillPhases.map((phase): Value => [[...of(drill), phase], drill.phase === phase ? 1 : 0]),
      ),
    ),
    family(
      catalogue.drillStatus,
      shown.flatMap((drill) =>
        statuses.map((status): Value => [[...of(drill), status], drill.verdict.status === status ? 1 : 0]),
      ),
    ),
    family(
      catalogue.drillRestored,
      shown.map((drill): Value => [of(drill), drill.restored ? 1 : 0]),
    ),
    family(
      catalogue.drillStage,
      shown.flatMap((drill) => stagesOf(drill.id, drill.stages)),
    ),
  ];
}

export function regionGauges(prefix: string, regions: readonly RegionFacts[]): readonly Family[] {
  const alias = aliasMetrics(prefix);
  const values = (of: (facts: RegionFacts) => number | null): readonly Value[] =>
    regions.flatMap((facts) => {
      const value = of(facts);
      return value === null ? [] : [[[facts.region], value] as Value];
    });
  return [
    family(
      alias.health,
      values(({ healthy }) => (healthy === null ? null : Number(healthy))),
    ),
    family(
      alias.latency,
      values(({ latencyMs }) => (latencyMs === null ? null : latencyMs * secondsPerMs)),
    ),
    family(
      alias.errors,
      values(({ errorsRatio }) => errorsRatio),
    ),
  ];
}

export function family(entry: MetricEntry, values: readonly Value[]): Family {
  const samples = values.map(([labels, value]): Sample => {
    const named = entry.labels.map((name, index): Label => [name, labels[index] ?? '']);
    return { name: entry.name, labels: named, value };
  });
  return { name: entry.name, help: entry.help, type: entry.type, samples };
}
