/** Whether intervals, thresholds and TTLs can meet what a drill promises. */
import { formatMs } from '../../../contract/units.ts';
import type { EntryExpectation } from '../../../scenarios/scenario.ts';
import type { HealthCheck, RecordSet } from '../../../zone/records.ts';
import { type Finding, shareInWords } from '../finding.ts';
import { type Entry, promiseOf, regionOfRecord, type Surroundings } from './facts.ts';
import { recordsOf } from './records.ts';
import { isEndpointCheck } from './sight.ts';

/** Of an alias to what is outside of the zone: it cannot be set. */
const outsideTtlSeconds = 60;

/** What decides when users leave a region: the slowest of the checks and TTLs of its records. */
type Pace = { readonly check: HealthCheck; readonly ttlMs: number };

export function timeFindings(around: Surroundings): readonly Finding[] {
  return around.entries.flatMap((entry) =>
    Object.keys(around.scenario.regions).flatMap((region) => {
      const promise = promiseOf(around.scenario, entry.key, region);
      const pace = promise === undefined || promise.servedBy.length === 0 ? undefined : paceOf(entry, region, around);
      return promise === undefined || pace === undefined ? [] : judged({ entry, region, promise, pace }, around);
    }),
  );
}

type Promised = {
  readonly entry: Entry;
  readonly region: string;
  readonly promise: EntryExpectation;
  readonly pace: Pace;
};

function judged({ entry, region, promise, pace }: Promised, { scenario }: Surroundings): readonly Finding[] {
  const { check, ttlMs } = pace;
  const everyMs = check.requestIntervalSeconds * 1_000;
  // A try that fails at once costs nothing: a door without anybody behind it says 503.
  const leastMs = (check.failureThreshold - 1) * everyMs;
  const mostMs = check.failureThreshold * everyMs + ttlMs;
  const limit = formatMs(promise.withinMs);
  const share = (scenario.regions[region]?.share ?? 0) / 100;
  const settings = `${formatMs(everyMs)} × ${check.failureThreshold} (health check ${check.id}) and a TTL of ${formatMs(ttlMs)}`;
  const common = { about: entry.name, dark: region, share };
  const remedy = remedyFor(promise.withinMs, pace);
  if (leastMs > promise.withinMs) {
    const says = `${settings} cannot give ${limit}: with ${region} dark, ${shareInWords(share)} of your users (users of ${region}) get ${region} for ${formatMs(leastMs)} at least`;
    return [{ ...common, rule: 'time.impossible', level: 'problem', says, remedy }];
  }
  if (mostMs > promise.withinMs) {
    const says = `${settings} can take ${formatMs(mostMs)}, and the limit is ${limit}: with ${region} dark, users of ${region} (${shareInWords(share)}) whose resolver has just asked go on getting ${region}`;
    return [{ ...common, rule: 'time.unlikely', level: 'advice', says, remedy }];
  }
  return [];
}

function remedyFor(withinMs: number, { check, ttlMs }: Pace): string {
  const fastMs = 10_000 * check.failureThreshold;
  return fastMs + ttlMs <= withinMs
    ? 'make the interval 10 s'
    : `make interval × threshold + TTL less than ${formatMs(withinMs)}: a shorter TTL, an interval of 10 s, a lower threshold; or allow more`;
}

function paceOf(entry: Entry, region: string, around: Surroundings): Pace | undefined {
  const own = recordsOf(entry).filter((record) => regionOfRecord(record, around.places) === region);
  const checks = own.flatMap(({ healthCheckId }) => endpointChecks(healthCheckId, around));
  const slowest = checks.toSorted((a, b) => cycle(b) - cycle(a))[0];
  if (slowest === undefined) return undefined;
  return { check: slowest, ttlMs: Math.max(0, ...own.map(ttlSeconds)) * 1_000 };
}

function endpointChecks(id: string | null, around: Surroundings): readonly HealthCheck[] {
  const check = around.healthChecks.find((one) => one.id === id);
  if (check === undefined) return [];
  if (isEndpointCheck(check)) return [check];
  return check.childHealthChecks.flatMap((child) =>
    around.healthChecks.filter((one) => one.id === child && isEndpointCheck(one)),
  );
}

function cycle({ requestIntervalSeconds, failureThreshold }: HealthCheck): number {
  return requestIntervalSeconds * failureThreshold;
}

function ttlSeconds({ target }: RecordSet): number {
  return target.kind === 'values' ? target.ttlSeconds : outsideTtlSeconds;
}
