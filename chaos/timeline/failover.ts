/** From t0 to the call of restore: how the clients of one vantage left the region that was taken away. */
import type { Bounds } from '../../contract/bounds.ts';
import type { Passage, Stages } from '../../contract/drill.ts';
import type { ClientClass } from '../../contract/result.ts';
import type { EntryExpectation } from '../../scenarios/scenario.ts';
import type { Attempt } from './attempt.ts';
import { crossing, type Window, within } from './crossing.ts';
import { authorityFlip, type NameWindow } from './names.ts';
import { lastBad, passageOf, since } from './passage.ts';
import { type Piece, piecesOf } from './pieces.ts';
import type { VantageRecord } from './record.ts';
import { transition } from './span.ts';
import { weightedCrossing } from './weighted.ts';

export type Side = { readonly stages: Stages; readonly passage: Passage };

/** What failover looked like for one class of client; what was open at the cut goes on in failback. */
export type Failover = Side & { readonly open: Piece | null };

export function failoverWindow(record: VantageRecord, region: string, expect: EntryExpectation): Window {
  return {
    from: record.clock.t0,
    until: record.clock.restore,
    origin: (served) => served === region,
    target: (served) => served !== null && served !== region && expect.servedBy.includes(served),
  };
}

/** `authority` and `resolver`, on the vantage's clock. */
export type NameFlips = { readonly authority?: Bounds; readonly resolver?: Bounds };

export function nameFlips(record: VantageRecord, window: Omit<NameWindow, 'share'>): NameFlips {
  const { share } = record;
  if (share === undefined) return {};
  const authority = authorityFlip(record.authority, { ...window, share });
  // A cache repeats what it drew once: it shows nothing where answers are weighted.
  const own = share < 1 ? [] : record.resolver.map((answer) => ({ ...answer, server: '' }));
  const resolver = authorityFlip(own, { ...window, share });
  return { ...(authority === undefined ? {} : { authority }), ...(resolver === undefined ? {} : { resolver }) };
}

export function failoverOf(
  record: VantageRecord,
  client: ClientClass,
  region: string,
  expect: EntryExpectation,
): Failover {
  const window = failoverWindow(record, region, expect);
  const { from, until } = window;
  const attempts = record.client[client];
  const inside = within(attempts, window);
  const flips = nameFlips(record, { region, from, until, way: 'left' });
  const weighted = record.share !== undefined && record.share < 1;
  const onRegion = wasOn(region, attempts, window);
  const { observed, main, moved } =
    weighted && client === 'fresh'
      ? weightedCrossing(inside, window, { region, confirmedMs: flips.authority?.upperMs ?? Number.POSITIVE_INFINITY })
      : { observed: onRegion, ...plain(onRegion ? crossing(inside, window) : undefined) };
  const counted = new Set(main?.bad ?? []);
  const rest = inside.filter((attempt) => !attempt.good && !counted.has(attempt));
  const others = piecesOf(rest, attempts, from);
  const last = observed && main?.ended !== null ? lastBad(attempts, window) : undefined;
  const served = lastServed(record, client, region, window);
  return {
    passage: passageOf({ ...record, client, observed, main, others }, attempts, window),
    stages: {
      ...(served === undefined ? {} : { 'last-served': since(from, served) }),
      ...stagesOf(flips, from),
      ...(moved === undefined || !observed ? {} : { 'first-good': since(from, moved) }),
      ...(last === undefined ? {} : { 'last-bad': since(from, last) }),
    },
    open: main !== undefined && main.ended === null ? main : null,
  };
}

export function stagesOf(flips: NameFlips, from: Bounds): Stages {
  return {
    ...(flips.authority === undefined ? {} : { authority: since(from, flips.authority) }),
    ...(flips.resolver === undefined ? {} : { resolver: since(from, flips.resolver) }),
  };
}

function plain(main: Piece | undefined): { readonly main: Piece | undefined; readonly moved: Bounds | undefined } {
  return { main, moved: main?.ended ?? undefined };
}

/**
 * Whether the client was on the region at t0. A kept connection: the newest one that was open by then. Otherwise the last
 * good answer before t0 came from there, or without one, the first attempt of the window was led there.
 */
function wasOn(region: string, attempts: readonly Attempt[], window: Window): boolean {
  const { lowerMs } = window.from;
  const kept = attempts.filter((attempt) => attempt.connectedAtMs !== null && attempt.connectedAtMs <= lowerMs).at(-1);
  const before = attempts.filter((attempt) => attempt.good && attempt.endMs <= lowerMs).at(-1);
  const first = attempts.find((attempt) => attempt.endMs >= lowerMs && attempt.region !== null);
  const telling = kept ?? before ?? first;
  return telling !== undefined && (telling.good ? telling.servedBy : telling.region) === region;
}

/** When the region's service ended, by all attempts that were directed there, whatever names said. */
function lastServed(record: VantageRecord, client: ClientClass, region: string, window: Window): Bounds | undefined {
  const directed = [...record.client[client], ...record.direct[client]].filter((attempt) =>
    attempt.good ? attempt.servedBy === region : attempt.region === region,
  );
  const { from, until } = window;
  const cut = directed.filter((attempt) => until === null || attempt.endMs <= until.lowerMs);
  return transition(
    cut.filter((attempt) => attempt.good),
    cut.filter((attempt) => !attempt.good),
    from,
  );
}
