/** Route 53's health checkers: sixteen of them in eight regions, each on its own, and what follows from their reports. */
import type { Cancel, Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import { healthOf } from '../../zone/health.ts';
import type { CheckerReport, HealthCheck } from '../../zone/records.ts';
import type { Truth } from '../truth.ts';
import { type Look, type Station, type Watch, watch } from './checker.ts';
import { lookAt } from './endpoint.ts';
import { failure } from './status.ts';

export const checkerRegions = [
  'us-east-1',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'sa-east-1',
] as const;

export type CheckersOptions = {
  readonly checks: () => readonly HealthCheck[];
  /** Calls back whenever `checks` has changed. */
  readonly changed: (listener: () => void) => Cancel;
  /** One a checker: `127.15.0.1` to `127.15.0.16`; two in a row are in one region. */
  readonly sourceAddresses: readonly string[];
  /** The address of a check that names a host and no address; absent where all have one. */
  readonly lookup?: (hostname: string) => Promise<string>;
};
export type CheckersDeps = { readonly clock: Clock; readonly random: Random; readonly truth: Truth };

export type Checkers = {
  /** What each checker that runs last said of a check, one that has said nothing yet left out. */
  reports(healthCheckId: string): readonly CheckerReport[];
  lastFailures(healthCheckId: string): readonly CheckerReport[];
  /** With all switches of the check considered; `true` for a check that does not exist. */
  healthy(healthCheckId: string): boolean;
  onFlip(listener: (healthCheckId: string, healthy: boolean) => void): Cancel;
  /** Ends one checker: its reports are gone, the others go on. */
  stopOne(index: number): void;
  readonly sourceAddresses: readonly string[];
  close(): Promise<void>;
};

const probed: ReadonlySet<string> = new Set(['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP']);

export function checkers(options: CheckersOptions, deps: CheckersDeps): Checkers {
  const stations = new Map(options.sourceAddresses.map((address, index) => [index, stationAt(address, index)]));
  /** Health check to checker to its watch. */
  const watches = new Map<string, Map<number, Watch>>();
  const known = new Map<string, HealthCheck>();
  const health = new Map<string, boolean>();
  const listeners = new Set<(id: string, healthy: boolean) => void>();
  const underWay = new Set<Promise<unknown>>();

  const look: Look = (check, station, signal) => {
    const looked = lookFrom(check, station, { clock: deps.clock, signal, lookup: options.lookup });
    underWay.add(looked);
    return looked.finally(() => underWay.delete(looked));
  };
  const said = (id: string): readonly CheckerReport[] => collect(watches.get(id), (one) => one.report());
  const healthy = (id: string): boolean =>
    healthOf(id, { check: (other) => known.get(other), said: (other) => said(other).map((report) => report.healthy) });

  function judge(): void {
    for (const id of known.keys()) {
      const from = health.get(id);
      const to = healthy(id);
      health.set(id, to);
      if (from === undefined || from === to) continue;
      deps.truth({ what: 'health', region: regionOf(id), where: id, from, to });
      for (const listener of listeners) listener(id, to);
    }
  }

  function startWatch(check: HealthCheck, station: Station): Watch {
    return watch({ check, station, look }, deps, (report, before, first) => {
      const flipped = report.healthy !== before.healthy;
      const { address } = station;
      if (flipped) {
        deps.truth({
          what: 'checker',
          region: regionOf(check.id),
          where: address,
          from: before.healthy,
          to: report.healthy,
        });
      }
      if (flipped || first) judge();
    });
  }

  /** Brings the watches in line with the checks that there are now. */
  function align(): void {
    const checks = new Map(options.checks().map((check) => [check.id, check]));
    for (const id of [...known.keys()].filter((other) => !checks.has(other))) {
      for (const one of watches.get(id)?.values() ?? []) one.stop();
      for (const map of [watches, known, health]) map.delete(id);
    }
    for (const [id, check] of checks) {
      const before = known.get(id);
      known.set(id, check);
      if (!probed.has(check.type)) continue;
      if (before === undefined) {
        watches.set(id, new Map([...stations].map(([index, station]) => [index, startWatch(check, station)])));
      } else if (before !== check) {
        for (const one of watches.get(id)?.values() ?? []) one.retarget(check);
      }
    }
    judge();
  }

  align();
  const stopListening = options.changed(align);
  return {
    reports: said,
    lastFailures: (id) => collect(watches.get(id), (one) => one.lastFailure()),
    healthy,
    onFlip(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stopOne(index) {
      stations.delete(index);
      for (const map of watches.values()) {
        map.get(index)?.stop();
        map.delete(index);
      }
      judge();
    },
    sourceAddresses: options.sourceAddresses,
    async close() {
      stopListening();
      for (const one of [...watches.values()].flatMap((map) => [...map.values()])) one.stop();
      await Promise.allSettled(underWay);
    },
  };
}

type LookDeps = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly lookup: ((hostname: string) => Promise<string>) | undefined;
};

async function lookFrom(check: HealthCheck, station: Station, { clock, signal, lookup }: LookDeps) {
  try {
    const address = check.ipAddress ?? (check.hostname === null ? undefined : await lookup?.(check.hostname));
    if (address === undefined) return failure('DNS resolution failed: no address for the endpoint.');
    return await lookAt(check, address, { localAddress: station.address, clock, signal });
  } catch (error) {
    return failure(`DNS resolution failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function stationAt(address: string, index: number): Station {
  return { address, region: checkerRegions[Math.floor(index / 2) % checkerRegions.length] ?? checkerRegions[0] };
}

/** A region's own health check is called `hc-<region>`. */
function regionOf(healthCheckId: string): string {
  return healthCheckId.replace(/^hc-/, '');
}

function collect<T>(
  watches: ReadonlyMap<number, Watch> | undefined,
  read: (one: Watch) => T | undefined,
): readonly T[] {
  return [...(watches?.values() ?? [])].flatMap((one) => read(one) ?? []);
}
