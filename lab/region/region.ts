import { join } from 'node:path';
import { formatHostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import type { Random } from '../../contract/random.ts';
import type { LabPlan, LabRegion, Plant } from '../../scenarios/world.ts';
import type { Certificate } from '../certificates.ts';
import type { Pod, PodSource } from '../pods.ts';
import type { ConnectionLog } from './connections.ts';
import { openDoor, type Stance } from './door.ts';
import { type Answered, type FrontOptions, front } from './front.ts';
import { residencyGuard } from './guard.ts';
import type { Ledger, LedgerNet } from './ledger.ts';
import { regionMetrics } from './metrics.ts';
import { pace } from './pace.ts';
import { plantsOf, type RegionPlants } from './plants.ts';
import { labPlatform } from './platform.ts';
import { labService } from './service.ts';
import { appendOnly, regionStore, type UserRecord } from './store.ts';
import { timers as timersOf } from './timers.ts';
import type { Trouble } from './trouble.ts';

export type LabRegionOptions = {
  readonly name: string;
  readonly plan: LabRegion;
  readonly address: string;
  readonly port: number;
  readonly certificate: Certificate;
  /** The pods of the workload that serves. */
  readonly pods: PodSource;
  /** Milliseconds from a client's address to this region's door and back. */
  readonly roundTripOf: (sourceAddress: string) => number;
  /** All regions' disks: this one's is the folder of its name below. */
  readonly storeDir: string;
  readonly guard: LabPlan['guard'];
  readonly plants: readonly Plant[];
  /** Who replicates to whom; absent: the service keeps no ledger. */
  readonly ledgers?: LedgerNet;
  readonly darkForMs: (region: string) => number;
  /** Region to jurisdiction. */
  readonly jurisdictions: Readonly<Record<string, string>>;
  /** Hears of every answer that leaves the door. */
  readonly onAnswer?: (answer: Answered) => void;
};

/** What a door does without a ready pod. All but `status-503` keep newcomers from the platform's pages too. */
export type DarkMode = NonNullable<LabRegion['whenDark']>;

export type RunningRegion = {
  readonly url: string;
  readonly address: string;
  /** Takes hold when no pod is ready, or at once if none is. */
  darkMode(mode: DarkMode): void;
  /** Trouble at the door, whatever the pods do; `null`: none. */
  trouble(to: Trouble | null): void;
  /** What the health check's path is answered; `null`: what pods answer. */
  healthStatus(to: number | null): void;
  /** Open connections, and the last of those that were closed. */
  connections(): readonly ConnectionLog[];
  close(): Promise<void>;
};

type Deps = { readonly clock: Clock; readonly random: Random; readonly log: Log };

/** A region of the lab: a door on an address of its own, the service behind it, its disk, and what the platform shows. */
export async function labRegion(options: LabRegionOptions, deps: Deps): Promise<RunningRegion> {
  const { name, address, port, certificate } = options;
  const { clock, log } = deps;
  const at = { host: address, port };
  const plants = plantsOf(name, options.plants, options.darkForMs);
  const disks = disksOf(options, plants, clock);
  const timers = timersOf(clock);
  const state: State = { ready: readyOf(options.pods), mode: 'status-503', trouble: null, healthStatus: null };
  const ledger = options.ledgers?.join(name, () => state.ready.length > 0) ?? null;
  const parts = { plants, disks, state, ledger, random: deps.random };
  const onRequest = front(frontOf(options, parts), { clock, timers, log });
  const roundTripOf = (source: string): number => options.roundTripOf(source) + plants.addedRoundTripMs;
  const door = await openDoor(
    { at, name: `the door of ${name}`, certificate, roundTripOf, onRequest },
    { clock, timers, log },
  ).catch((error: unknown) => {
    ledger?.close();
    disks.close();
    throw error;
  });

  const stand = (): void => door.stand(stanceOf(state));
  const look = (): void => {
    state.ready = readyOf(options.pods);
    stand();
  };
  const unsubscribe = options.pods.onChange(look);
  look(); // pods may have changed while the door was opening
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    unsubscribe();
    await door.close();
    ledger?.close();
    disks.close();
  };
  return {
    url: `https://${formatHostPort(at)}`,
    address,
    darkMode(mode) {
      state.mode = mode;
      stand();
    },
    trouble(to) {
      state.trouble = to;
      stand();
    },
    healthStatus(to) {
      state.healthStatus = to;
    },
    connections: door.connections,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

type State = { ready: readonly Pod[]; mode: DarkMode; trouble: Trouble | null; healthStatus: number | null };
type Parts = {
  readonly plants: RegionPlants;
  readonly disks: Disks;
  readonly state: State;
  readonly ledger: Ledger | null;
  readonly random: Random;
};

function frontOf(options: LabRegionOptions, { plants, disks, state, ledger, random }: Parts): FrontOptions {
  const { name: region, storeDir } = options;
  const { pathStatus } = plants;
  const { store, refused, violationsPath } = disks;
  const metrics = regionMetrics(region, plants.missingMetrics);
  const guard = residencyGuard(options.guard, options.jurisdictions[region] ?? options.plan.jurisdiction, plants);
  return {
    region,
    heldUpMs: () => heldUpMs(state),
    healthStatus: () => state.healthStatus,
    darkStatus: () => (state.mode === 'status-503' ? plants.darkStatus : null),
    readyPods: () => state.ready,
    serviceMs: pace(options.plan.serviceMs, random),
    service: labService({ region, guard, store, refused, pathStatus, random, ledger }),
    platform: labPlatform({
      behind: () => ledger?.behind() ?? {},
      region,
      storeDir,
      violationsPath,
      metricsText: metrics.text,
      pathStatus,
    }),
    metrics,
    onAnswer: options.onAnswer ?? (() => undefined),
  };
}

function readyOf(pods: PodSource): readonly Pod[] {
  return pods.pods().filter(({ state }) => state === 'ready');
}

/** Of an answer that is ready at the door: into a black hole none gets out, on kept connections neither. */
function heldUpMs({ trouble }: State): number | null {
  if (trouble?.how === 'latency') return trouble.addMs;
  return trouble?.how === 'black-hole' ? null : 0;
}

function stanceOf({ ready, mode, trouble }: State): Stance {
  if (trouble !== null && trouble.how !== 'latency') return trouble.how;
  return ready.length > 0 || mode === 'status-503' ? 'open' : mode;
}

type Disks = {
  readonly violationsPath: string;
  store(record: UserRecord): void;
  refused(violation: { readonly requestId: string; readonly country: string }): void;
  close(): void;
};

/** The region's own disk and its residency log, and the disks that a plant makes it leak to. */
function disksOf({ name, storeDir }: LabRegionOptions, here: RegionPlants, clock: Clock): Disks {
  const own = regionStore(storeDir, name);
  const log = appendOnly(join(storeDir, name), 'residency.jsonl');
  const others = new Map(here.leaks.map(({ to }) => [to, regionStore(storeDir, to)]));
  return {
    violationsPath: log.path,
    store(record) {
      own.append(record);
      for (const { country, to } of here.leaks) if (country === record.country) others.get(to)?.append(record);
    },
    refused(violation) {
      if (here.logSilent) return;
      log.append({ event: 'data_residency_violation', ...violation, region: name, atMs: clock.nowMs() });
    },
    close() {
      for (const file of [own, log, ...others.values()]) file.close();
    },
  };
}
