/** Why users go on being led to a region that is dark. */

import type { RecordSet } from '../../../zone/records.ts';
import type { Finding, RuleId } from '../finding.ts';
import type { Scene } from './answers.ts';
import { promiseOf, regionOf, regionOfRecord, type Surroundings } from './facts.ts';
import { type Outcome, partIn, shareOf } from './outcomes.ts';
import { blindnessOf, isEndpointCheck } from './sight.ts';
import type { Step, Way } from './tree.ts';
import type { Users } from './users.ts';
import { recordName, whenDark, whom } from './words.ts';
import { isUnhealthyNow } from './worlds.ts';

type Cause = { readonly rule: RuleId; readonly record: RecordSet; readonly because: string; readonly remedy: string };
type Hit = { readonly users: Users; readonly part: number };

/** Users who are led to the dark region although somebody else may serve them. */
export function ledIntoTheDark(scene: Scene, dark: string): readonly Outcome[] {
  const { around, entry, home } = scene;
  // Nobody may take over: that is what the drill says.
  if (promiseOf(around.scenario, entry.key, dark)?.servedBy.length === 0) return [];
  return home.filter((outcome) => partIn(outcome, dark) > 0 && mayMove(outcome.users, dark, around));
}

function mayMove({ allowed }: Users, dark: string, { scenario }: Surroundings): boolean {
  return (allowed ?? Object.keys(scenario.regions)).some((region) => region !== dark);
}

export function causesOf(scene: Scene): readonly Finding[] {
  const { around, entry, world } = scene;
  const { dark } = world;
  if (dark === null) return [];
  const causes = new Map<string, { readonly cause: Cause; readonly hits: Hit[] }>();
  for (const outcome of ledIntoTheDark(scene, dark)) {
    for (const way of outcome.ways()) {
      const part = way.probability * partOfWay(way, dark, around);
      if (part === 0) continue;
      for (const cause of causesIn(way, dark, around)) {
        const key = `${cause.rule} ${recordName(cause.record)}`;
        const known = causes.get(key) ?? { cause, hits: [] };
        known.hits.push({ users: outcome.users, part });
        causes.set(key, known);
      }
    }
  }
  const isPromised = promiseOf(around.scenario, entry.key, dark) !== undefined;
  return [...causes.values()].map(({ cause, hits }): Finding => {
    const share = shareOf(hits);
    const who = whom(
      share,
      hits.map(({ users }) => users),
    );
    return {
      rule: cause.rule,
      level: isPromised && share !== 0 ? 'problem' : 'advice',
      about: recordName(cause.record),
      dark,
      share,
      says: `${recordName(cause.record)} ${cause.because}: ${whenDark(dark)}, ${who} get ${dark}, which serves nobody, for ${entry.name}`,
      remedy: cause.remedy,
    };
  });
}

function partOfWay({ values }: Way, region: string, { places }: Surroundings): number {
  return values.length === 0 ? 0 : values.filter((value) => regionOf(value, places) === region).length / values.length;
}

function causesIn({ steps }: Way, dark: string, around: Surroundings): readonly Cause[] {
  const last = steps.at(-1);
  if (last === undefined) return [];
  if (steps.every(({ others }) => others.length === 0)) return [alone(last, dark)];
  const causes = [...atTheEnd(last, around), ...steps.flatMap((step, index) => unseeing(steps, step, index))];
  return causes.length > 0 ? causes : failedOpen(steps, dark, around);
}

function alone({ record }: Step, dark: string): Cause {
  return {
    rule: 'zone.no-failover',
    record,
    because: `leads to ${dark} and has nothing beside it`,
    remedy:
      'make it the primary of a failover pair, or one of several weighted or latency records, each with a health check',
  };
}

/** A check that is there and sees nothing has findings of its own. */
function atTheEnd({ record }: Step, around: Surroundings): readonly Cause[] {
  if (record.healthCheckId !== null || record.target.kind === 'alias') return [];
  const watched = around.healthChecks.find(
    ({ ipAddress }) =>
      ipAddress !== null && regionOf(ipAddress, around.places) === regionOfRecord(record, around.places),
  );
  return [
    {
      rule: 'zone.no-check',
      record,
      because: 'has no health check, so it always counts as healthy',
      remedy: `give it a health check of its region${watched === undefined ? '' : `, such as ${watched.id}`}`,
    },
  ];
}

/** An alias that would let its branch be left, if it looked. */
function unseeing(steps: readonly Step[], { record, others }: Step, index: number): readonly Cause[] {
  const { target } = record;
  if (target.kind !== 'alias' || target.evaluateTargetHealth || record.healthCheckId !== null) return [];
  const couldLeave = others.length > 0 || steps.slice(0, index).some((above) => above.others.length > 0);
  if (!couldLeave) return [];
  return [
    {
      rule: 'zone.no-target-health',
      record,
      because: `does not look at the health of ${target.name}`,
      remedy: 'set EvaluateTargetHealth on the alias',
    },
  ];
}

/** The record counts as unhealthy, and is answered all the same: what is beside it counts as unhealthy too. */
function failedOpen(steps: readonly Step[], dark: string, around: Surroundings): readonly Cause[] {
  const step = steps.findLast(({ healthy, others }) => !healthy && others.length > 0);
  if (step === undefined) return [];
  const ends = (record: RecordSet): readonly RecordSet[] => endsBelow(record, around, 16);
  const others = step.others.flatMap(ends);
  const own = new Set([step.record, ...ends(step.record)].flatMap(({ healthCheckId }) => healthCheckId ?? []));
  const elsewhere = others.filter((record) => regionOfRecord(record, around.places) !== dark);
  const shared = elsewhere.find(({ healthCheckId }) => healthCheckId !== null && own.has(healthCheckId));
  const { record } = step;
  if (elsewhere.length === 0) {
    const because = `and all beside it lead to ${dark}: when all are unhealthy, Route 53 answers as if all were healthy`;
    return [{ rule: 'zone.fail-open', record, because, remedy: 'let one of them lead to another region' }];
  }
  if (shared !== undefined) {
    const because = `and ${recordName(shared)} have the same health check (${shared.healthCheckId}), so that both are unhealthy together`;
    return [{ rule: 'zone.same-check', record, because, remedy: 'give each region a health check of its own' }];
  }
  const down = elsewhere.find(({ healthCheckId }) => healthCheckId !== null && isUnhealthyNow(healthCheckId, around));
  const because =
    down === undefined
      ? 'has nothing healthy beside it: Route 53 then answers as if all were healthy'
      : `has ${recordName(down)} beside it, which is unhealthy already (health check ${down.healthCheckId}): when all are, Route 53 answers as if none were`;
  return [{ rule: 'zone.fail-open', record, because, remedy: remedyFor(elsewhere, around) }];
}

function remedyFor(elsewhere: readonly RecordSet[], around: Surroundings): string {
  const blind = elsewhere.flatMap((record) => {
    const check = around.healthChecks.find(({ id }) => id === record.healthCheckId);
    const place = around.places.find(({ region }) => region === regionOfRecord(record, around.places));
    return check === undefined || place === undefined || !isEndpointCheck(check)
      ? []
      : blindnessOf(check, place, around);
  });
  return blind[0]?.remedy ?? 'find out why its health check fails, and mend that';
}

function endsBelow(record: RecordSet, around: Surroundings, hops: number): readonly RecordSet[] {
  const { target } = record;
  if (hops === 0 || target.kind === 'values' || target.hostedZoneId !== around.zone.id) return [record];
  return around.entries
    .flatMap(({ zone }) => zone.records)
    .filter(({ name, type }) => name === target.name && type === record.type)
    .flatMap((below) => endsBelow(below, around, hops - 1));
}
