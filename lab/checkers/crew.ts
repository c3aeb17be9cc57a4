/** The checkers themselves: who watches over which endpoint, from where, and what each of them last said. */
import type { Cancel, Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import type { CheckerReport, HealthCheck } from '../../zone/records.ts';
import type { Truth } from '../truth.ts';
import { type Look, type Station, type Watch, watch } from './checker.ts';
import { lookAt } from './endpoint.ts';
import { failure } from './status.ts';

export type CheckersOptions = {
  readonly checks: () => readonly HealthCheck[];
  /** Calls back whenever `checks` has changed; absent: they are read again once a second. */
  readonly changed?: (listener: () => void) => Cancel;
  /** One a checker: `127.15.0.1` to `127.15.0.16`; two in a row are in one region. */
  readonly sourceAddresses: readonly string[];
  /** The address of a check that names a host and no address; absent where all have one. */
  readonly lookup?: (hostname: string) => Promise<string>;
};
export type CheckersDeps = { readonly clock: Clock; readonly random: Random; readonly truth: Truth };

const checkerRegions = [
  'us-east-1',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'sa-east-1',
] as const;

export type Crew = {
  reports(healthCheckId: string): readonly CheckerReport[];
  lastFailures(healthCheckId: string): readonly CheckerReport[];
  /** These from now on, and no others; those that are known keep their state. */
  watchOver(checks: readonly HealthCheck[]): void;
  stopOne(index: number): void;
  /** Resolves when no request is under way any more. */
  close(): Promise<void>;
};

type Watched = { check: HealthCheck; readonly watches: Map<number, Watch> };

/** `onNews` is called when a checker says something for the first time, or something else than before. */
export function crew(
  { sourceAddresses, lookup }: Pick<CheckersOptions, 'sourceAddresses' | 'lookup'>,
  deps: CheckersDeps,
  onNews: () => void,
): Crew {
  const stations = new Map(sourceAddresses.map((address, index) => [index, stationAt(address, index)]));
  const watched = new Map<string, Watched>();
  const underWay = new Set<Promise<unknown>>();
  const look: Look = (check, station, signal) => {
    const looked = lookFrom(check, station, { clock: deps.clock, signal, lookup });
    underWay.add(looked);
    return looked.finally(() => underWay.delete(looked));
  };

  function startWatch(check: HealthCheck, station: Station): Watch {
    return watch({ check, station, look }, deps, (report, before, first) => {
      const from = before.healthy;
      const to = report.healthy;
      if (from !== to) {
        deps.truth({ what: 'checker', region: regionOf(check.id), where: station.address, from, to });
      }
      if (from !== to || first) onNews();
    });
  }

  return {
    reports: (id) => collect(watched.get(id), (one) => one.report()),
    lastFailures: (id) => collect(watched.get(id), (one) => one.lastFailure()),
    watchOver(checks) {
      const gone = [...watched.keys()].filter((id) => !checks.some((check) => check.id === id));
      for (const id of gone) {
        for (const one of watched.get(id)?.watches.values() ?? []) one.stop();
        watched.delete(id);
      }
      for (const check of checks) {
        const before = watched.get(check.id);
        if (before === undefined) {
          const watches = new Map([...stations].map(([index, station]) => [index, startWatch(check, station)]));
          watched.set(check.id, { check, watches });
        } else if (before.check !== check) {
          before.check = check;
          for (const one of before.watches.values()) one.retarget(check);
        }
      }
    },
    stopOne(index) {
      stations.delete(index);
      for (const { watches } of watched.values()) {
        watches.get(index)?.stop();
        watches.delete(index);
      }
    },
    async close() {
      for (const { watches } of watched.values()) for (const one of watches.values()) one.stop();
      await Promise.allSettled(underWay);
    },
  };
}

/** A region's own health check is called `hc-<region>`. */
export function regionOf(healthCheckId: string): string {
  return healthCheckId.replace(/^hc-/, '');
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

function collect<T>(watched: Watched | undefined, read: (one: Watch) => T | undefined): readonly T[] {
  return [...(watched?.watches.values() ?? [])].flatMap((one) => read(one) ?? []);
}
