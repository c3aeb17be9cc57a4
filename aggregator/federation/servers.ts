/** Metrics of other servers, each read by itself: a slow or dead one delays nobody, and is a metric. */
import { type Clock, every } from '../../contract/clock.ts';
import { exchangeMetrics } from '../../contract/exchange-metrics.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import type { Family } from '../metrics/exposition.ts';
import { family } from '../metrics/gauges.ts';
import { authorities, fetchPage } from './fetch.ts';
import { parseInTurns } from './in-turns.ts';
import { labelled } from './labelling.ts';
import { parseSelector } from './matchers.ts';
import { retyped } from './retype.ts';
import type { FederateOptions } from './server-options.ts';
import type { Sources } from './sources.ts';
import { turns } from './turns.ts';

/** Pages read at the same time. Servers that failed wait among themselves: the others never wait for them. */
const most = { well: 16, troubled: 4 };
const defaultMaxBytes = 64 * 1_048_576;
const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=1,*/*;q=0.1';

type Reading = {
  readonly up: boolean;
  readonly tookMs: number;
  /** When the families were read; those of the last reading that worked. */
  readonly readMs: number;
  readonly families: readonly Family[];
  /** The time of their oldest sample. */
  readonly oldestMs: number;
  readonly failures: number;
};
const nothing: Reading = {
  up: false,
  tookMs: 0,
  readMs: Number.NEGATIVE_INFINITY,
  families: [],
  oldestMs: 0,
  failures: 0,
};

export type ServerDeps = { readonly clock: Clock; readonly log: Log };

/** Throws `SelectorError` when a selector cannot be read. */
export function readServers(servers: readonly FederateOptions[], ca: string | null, deps: ServerDeps): Sources {
  const { clock } = deps;
  const stopping = new AbortController();
  const trusted = authorities(ca);
  const pools = { well: turns(most.well), troubled: turns(most.troubled) };
  const running = new Set<Promise<void>>();
  const read = (one: Reader): Promise<void> => {
    const pool = one.reading().failures > 0 ? pools.troubled : pools.well;
    const work = pool(one.read).finally(() => running.delete(work));
    running.add(work);
    return work;
  };
  const readers = servers.map((server) => readerOf(server, trusted, deps, stopping.signal));
  const cancels = readers.map((one) => {
    void read(one);
    return every(
      clock,
      one.server.everyMs,
      () => read(one),
      () => undefined,
    );
  });
  return {
    families(nowMs) {
      const shown = readers.map(({ server, reading }): Shown => {
        const last = reading();
        return { server, reading: last, families: fresh(server, last, nowMs) };
      });
      return [...serverFamilies(shown), ...shown.flatMap(({ families }) => families)];
    },
    states: () =>
      readers.map(({ server: { name, region }, reading }) => {
        const { up, failures } = reading();
        return { source: name, region, up: up || failures > 0 ? up : null };
      }),
    async stop() {
      stopping.abort(new Error('stopping'));
      for (const cancel of cancels) cancel();
      await Promise.all(running);
    },
  };
}

type Reader = { readonly server: FederateOptions; reading(): Reading; readonly read: () => Promise<void> };

/** One server, and the last that was read of it. */
function readerOf(
  server: FederateOptions,
  ca: readonly string[] | undefined,
  { clock, log }: ServerDeps,
  signal: AbortSignal,
): Reader {
  const page = pageReader(server, ca, clock, signal);
  let last = nothing;
  return {
    server,
    reading: () => last,
    async read() {
      if (signal.aborted) return;
      const readMs = clock.nowMs();
      const { failures } = last;
      try {
        const families = await page();
        const tookMs = clock.nowMs() - readMs;
        last = { up: true, tookMs, readMs, families, oldestMs: oldestOf(families), failures: 0 };
        if (failures > 0) log.info({ source: server.name }, 'the server can be read again');
      } catch (error) {
        if (signal.aborted) return;
        last = { ...last, up: false, tookMs: clock.nowMs() - readMs, failures: failures + 1 };
        if (failures === 0) log.warn({ source: server.name, why: messageOf(error) }, 'no metrics from the server');
      }
    },
  };
}

function pageReader(
  server: FederateOptions,
  ca: readonly string[] | undefined,
  clock: Clock,
  signal: AbortSignal,
): () => Promise<readonly Family[]> {
  const selectors = server.match.map(parseSelector);
  const url = new URL(server.url);
  const selective = url.pathname.endsWith('/federate');
  if (selective) for (const match of server.match) url.searchParams.append('match[]', match);
  const how = { ...server, selectors: selective ? null : selectors };
  const limits = { timeoutMs: server.timeoutMs, maxBytes: server.maxBytes ?? defaultMaxBytes };
  return async () => {
    const token = server.token?.() ?? null;
    const startedMs = clock.nowMs();
    const page = await fetchPage({ url: url.href, ca, accept, token }, limits, clock, signal);
    const parsed = await parseInTurns(page.text, page.contentType.includes('openmetrics'), clock);
    return labelled(retyped(parsed), how, startedMs);
  };
}

type Shown = { readonly server: FederateOptions; readonly reading: Reading; readonly families: readonly Family[] };

/**
 * What may still be passed on: a reading for two intervals, so that a server that is gone shows as gone; of it, samples
 * that are not older than their staleness.
 */
function fresh(server: FederateOptions, reading: Reading, nowMs: number): readonly Family[] {
  if (nowMs - reading.readMs > 2 * server.everyMs + server.timeoutMs) return [];
  const since = nowMs - server.stalenessMs;
  if (reading.oldestMs >= since) return reading.families;
  return reading.families.flatMap((one) => {
    const samples = one.samples.filter(({ atMs }) => atMs === undefined || atMs >= since);
    return samples.length === 0 ? [] : [{ ...one, samples }];
  });
}

function oldestOf(families: readonly Family[]): number {
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const { samples } of families) {
    for (const { atMs } of samples) if (atMs !== undefined && atMs < oldestMs) oldestMs = atMs;
  }
  return oldestMs;
}

function serverFamilies(all: readonly Shown[]): readonly Family[] {
  if (all.length === 0) return [];
  const values = (of: (shown: Shown) => number) =>
    all.map((shown) => [[shown.server.name, shown.server.region ?? ''], of(shown)] as const);
  const read = all.filter(({ reading }) => reading.readMs > 0);
  return [
    family(
      exchangeMetrics.federateUp,
      values(({ reading }) => Number(reading.up)),
    ),
    family(
      exchangeMetrics.federateSeconds,
      values(({ reading }) => reading.tookMs / 1_000),
    ),
    family(
      exchangeMetrics.federateSamples,
      values(({ families }) => families.reduce((sum, { samples }) => sum + samples.length, 0)),
    ),
    family(
      exchangeMetrics.federateRead,
      read.map(({ server, reading }) => [[server.name, server.region ?? ''], reading.readMs / 1_000] as const),
    ),
  ];
}
