/** Ready endpoints as they change: lists at a pace, and a watch beside them that tells of changes in between. */
import { type Clock, every, sleep } from '../../../contract/clock.ts';
import type { Workload } from '../../../scenarios/scenario.ts';
import type { Cluster } from '../../cluster.ts';
import { bodyOf, troubleOf } from './answers.ts';
import type { Place } from './cluster.ts';
import { fieldsOf, listOf, readyEndpointsOf, textOf } from './objects.ts';
import type { ApiAnswer, Transport } from './transport.ts';

type Read = Pick<Cluster, 'workload'>;
type Fields = Readonly<Record<string, unknown>>;

/** After so long the server ends a watch by itself; one that is still open later is held by nobody. */
const watchSeconds = 30;
const overdueMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** A watch that ended sooner was no good: the next one waits longer. */
const shortestWatchMs = 1_000;

export function endpoints(place: Place, api: Transport, read: Read, clock: Clock): Pick<Cluster, 'watchEndpoints'> {
  const { context, namespace } = place;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const what = `EndpointSlices in ${context}/${namespace}`;

  return {
    watchEndpoints(workloads, { everyMs, onSeen, onFailure }, signal) {
      const known = tally(workloads);

      async function look(): Promise<void> {
        const sentMs = clock.nowMs();
        const { items, metadata } = bodyOf(await api.send({ method: 'GET', path }, signal), what);
        const counts = known.list(versionOf(fieldsOf(metadata)), sentMs, listOf(items));
        // A workload without slices has none to watch: its ready replicas are read instead.
        const all = await Promise.all(
          counts.map(async ({ workload, ready }) => ready ?? (await read.workload(workload, signal)).readyReplicas),
        );
        onSeen({ sentMs, receivedMs: clock.nowMs(), ready: sum(all) });
      }

      function take(event: Fields): void {
        const changed = known.event(event);
        if (changed !== null) onSeen({ ...changed, receivedMs: clock.nowMs() });
      }

      look().catch(onFailure);
      const cancel = every(clock, everyMs, look, onFailure);
      signal.addEventListener('abort', cancel, { once: true });
      const watching = { path, what, api, clock, known, take, onFailure };
      follow(watching, signal).catch((error: unknown) => {
        if (!signal.aborted) onFailure(error);
      });
    },
  };
}

type Watching = {
  readonly path: string;
  readonly what: string;
  readonly api: Transport;
  readonly clock: Clock;
  readonly known: Tally;
  readonly take: (event: Fields) => void;
  readonly onFailure: (error: unknown) => void;
};

/** Watches again and again. While it cannot, there are the lists. */
async function follow(watching: Watching, signal: AbortSignal): Promise<void> {
  const { clock, known, onFailure } = watching;
  for (let failures = 0; !signal.aborted; ) {
    const from = known.watchableFrom();
    if (from !== null) {
      const startedMs = clock.nowMs();
      try {
        await watchOnce(watching, from, signal);
        failures = clock.nowMs() - startedMs < shortestWatchMs ? failures + 1 : 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        known.forget();
        onFailure(error);
      }
    }
    await sleep(clock, Math.min(longestPauseMs, firstPauseMs * 2 ** failures), signal);
  }
}

/** Resolves when the server has ended the watch in order, or has forgotten the version. */
async function watchOnce({ path, what, api, known, take }: Watching, from: number, signal: AbortSignal): Promise<void> {
  const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}&resourceVersion=${from}`;
  const asked = `a watch on ${what}`;
  const refusals: ApiAnswer[] = [];
  const onLine = (event: Fields): void => {
    const body = fieldsOf(event['object']);
    if (event['type'] !== 'ERROR') take(event);
    else refusals.push({ status: typeof body['code'] === 'number' ? body['code'] : 0, body });
  };
  const answer = await api.follow(`${path}?${query}`, watchSeconds * 1_000 + overdueMs, onLine, signal);
  for (const refusal of answer === null ? refusals : [answer]) {
    if (refusal.status !== 410) throw troubleOf(refusal, asked);
    known.forget();
  }
}

type Counted = { readonly workload: Workload; readonly ready: number | null };

/** What is known of the slices: as the last list showed them, with what has changed since. */
type Tally = {
  list(version: number, sentMs: number, slices: readonly unknown[]): readonly Counted[];
  /** The new sum, and when the list was asked for that did not show it yet; `null` for no news. */
  event(event: Fields): { readonly sentMs: number; readonly ready: number } | null;
  /** The version to watch from; `null` until there is a list that has one. */
  watchableFrom(): number | null;
  /** The version is good for nothing any more, and what is known may be old: the next list begins anew. */
  forget(): void;
};

function tally(workloads: readonly Workload[]): Tally {
  const slices = new Map<string, unknown>();
  let listedMs = 0;
  let version = Number.NaN;
  let last: number | null = null;
  let isForgotten = true;

  const counted = (items: Iterable<unknown>): readonly Counted[] =>
    workloads.map((workload) => ({ workload, ready: readyEndpointsOf(workload, [...items]) }));
  const total = (counts: readonly Counted[]): number | null =>
    counts.some(({ ready }) => ready === null) ? null : sum(counts.map(({ ready }) => ready ?? 0));

  return {
    list(listed, sentMs, items) {
      const counts = counted(items);
      listedMs = sentMs;
      // A list may be overtaken by events that came while it was on its way: it was true, and is so no more.
      if (!isForgotten && listed < version) return counts;
      isForgotten = false;
      version = listed;
      slices.clear();
      for (const item of items) slices.set(nameOf(item), item);
      last = total(counts);
      return counts;
    },
    event({ type, object }) {
      const changed = versionOf(fieldsOf(fieldsOf(object)['metadata']));
      // What a list made later has shown already is no news: it would be told out of order.
      if (isForgotten || !(changed > version)) return null;
      version = changed;
      if (type === 'BOOKMARK') return null;
      if (type === 'DELETED') slices.delete(nameOf(object));
      else slices.set(nameOf(object), object);
      const ready = total(counted(slices.values()));
      if (ready === null || ready === last) return null;
      last = ready;
      return { sentMs: listedMs, ready };
    },
    watchableFrom: () => (isForgotten || Number.isNaN(version) ? null : version),
    forget() {
      isForgotten = true;
    },
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

function nameOf(slice: unknown): string {
  return textOf(fieldsOf(fieldsOf(slice)['metadata'])['name']);
}

/** Versions of one server are whole numbers that grow. `NaN` where they are not: then nothing is watched. */
function versionOf(metadata: Fields): number {
  const text = textOf(metadata['resourceVersion']);
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
