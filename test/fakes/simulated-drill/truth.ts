/** What bounds have to contain, computed from what nobody can see. */

import { answersThatEnd } from '../../../chaos/timeline/crossing.ts';
import type { StageId } from '../../../contract/drill.ts';
import type { ClientClass } from '../../../contract/result.ts';
import type { Settings } from './settings.ts';
import type { Lived, Made } from './vantage.ts';
import { region, type World } from './world.ts';

/** More than any of these clocks is uncertain by. */
const clocksMs = 100;

export type Way = 'failover' | 'failback';
/**
 * Moments on the true clock. `all`: each lies in the bounds. `any`: at least one does: a stray failure next to the change
 * that no run of good answers separates from it is part of it, for whoever sees only the attempts.
 */
export type StageTruth = {
  readonly way: Way;
  readonly client: ClientClass;
  readonly stage: StageId | 'began';
  readonly all?: readonly number[];
  readonly any?: readonly number[];
};

export function truthsOf(settings: Settings, world: World, all: Lived): readonly StageTruth[] {
  const lived = { ...all, made: all.made.filter((one) => !one.missing) };
  return (['fresh', 'pooled'] as const).flatMap((client) => {
    const made = lived.made.filter((one) => one.check === 'client' && one.client === client);
    return [
      ...shared(settings, world, lived, client),
      ...ofClients(world, lived, { made, client, weighted: settings.kind === 'weighted' && client === 'fresh' }),
      ...lastServed(world, lived, client),
      residual(world, made),
    ];
  });
}

function shared(settings: Settings, world: World, lived: Lived, client: ClientClass): readonly StageTruth[] {
  const known = (atMs: number | null): readonly number[] => (atMs === null ? [] : [atMs]);
  const plain = settings.kind === 'plain';
  const moves = plain ? lived.refills.slice(1) : [];
  return [
    { way: 'failover', client, stage: 'drain', all: [world.drainMs] },
    { way: 'failback', client, stage: 'drain', all: [world.backMs] },
    { way: 'failback', client, stage: 'capacity', all: [world.fullMs] },
    { way: 'failover', client, stage: 'detect', all: known(world.unhealthyMs) },
    { way: 'failback', client, stage: 'detect', all: known(world.healthyMs) },
    { way: 'failover', client, stage: 'authority', all: world.leftMs },
    { way: 'failback', client, stage: 'authority', all: world.returnedMs },
    { way: 'failover', client, stage: 'resolver', any: moves.filter((r) => r.region !== region).map((r) => r.atMs) },
    { way: 'failback', client, stage: 'resolver', any: moves.filter((r) => r.region === region).map((r) => r.atMs) },
  ];
}

/** The last answer from a region that stood in. */
function residual(world: World, made: readonly Made[]): StageTruth {
  const away = made.filter((one) => one.good && one.region !== region && one.metAtMs >= world.restoreMs);
  const all = away.length === 0 ? [] : [Math.max(...away.map((one) => one.metAtMs))];
  return { way: 'failback', client: made[0]?.client ?? 'fresh', stage: 'residual', all };
}

function lastServed(world: World, lived: Lived, client: ClientClass): readonly StageTruth[] {
  const directed = lived.made.filter(
    (one) => (one.check === 'client' || one.check === 'direct') && one.client === client && one.region === region,
  );
  const lastMs = Math.max(
    ...directed.filter((one) => one.good && surelyBefore(one, world.restoreMs)).map((one) => one.metAtMs),
  );
  const direct = lived.made.filter((one) => one.check === 'direct' && one.client === client);
  return [
    {
      way: 'failover',
      client,
      stage: 'last-served',
      any: [
        world.goneMs,
        ...directed.filter((one) => !one.good && one.metAtMs > lastMs).flatMap((one) => momentsOf(world, one)),
      ],
    },
    {
      way: 'failback',
      client,
      stage: 'last-served',
      any: [
        world.backMs,
        ...ends(world, lived, direct, { fromMs: world.restoreMs, hits: (one) => one.good && one.region === region }),
      ],
    },
  ];
}

type Own = { readonly made: readonly Made[]; readonly client: ClientClass; readonly weighted: boolean };

function ofClients(world: World, lived: Lived, own: Own): readonly StageTruth[] {
  const { made, client, weighted } = own;
  const over = made.filter((one) => one.metAtMs >= world.t0Ms && one.metAtMs < world.restoreMs);
  const back = made.filter((one) => one.metAtMs >= world.restoreMs);
  const onRegion = (one: Made): boolean => one.good && one.region === region;
  const elsewhere = (one: Made): boolean => one.good && one.region !== region;
  const lastBad = (of: readonly Made[]): readonly number[] =>
    of
      .filter((one) => !one.good)
      .reduce<number[]>((last, one) => (one.metAtMs > (last[0] ?? 0) ? [one.metAtMs] : last), []);
  return [
    {
      way: 'failover',
      client,
      stage: 'first-good',
      any: weighted ? lastMove(lived, over) : ends(world, lived, made, { fromMs: world.t0Ms, hits: elsewhere }),
    },
    {
      way: 'failback',
      client,
      stage: 'first-good',
      any: [
        ...(weighted ? drawsBack(lived) : []),
        ...ends(world, lived, made, { fromMs: world.restoreMs, hits: onRegion }),
      ],
    },
    { way: 'failover', client, stage: 'last-bad', all: lastBad(over) },
    { way: 'failback', client, stage: 'last-bad', all: lastBad(back) },
    ...(weighted
      ? []
      : [{ way: 'failover' as const, client, stage: 'began' as const, any: begins(world, lived, made) }]),
  ];
}

/** Of a weighted name: when its clients were led to the region for the last time. */
function lastMove(lived: Lived, over: readonly Made[]): readonly number[] {
  const sorted = [...over].sort((a, b) => a.ledAtMs - b.ledAtMs);
  const last = sorted.findLastIndex((one) => one.region === region && !one.good);
  const next = sorted.slice(last + 1).find((one) => one.good);
  return next === undefined ? [] : ledSince(lived, next);
}

/**
 * When service came, by the true order of attempts: what ended just before the first run of good answers, the darkness, or
 * the stray failures and flaps that came last. Where attempts overlap, a stray one may have met the run in its midst and
 * nobody can tell: each shorter run ahead is a right reading too.
 */
function ends(world: World, lived: Lived, made: readonly Made[], run: Run): readonly number[] {
  const { fromMs, hits } = run;
  const sorted = made.filter((one) => one.metAtMs >= fromMs - 10_000).sort((a, b) => a.metAtMs - b.metAtMs);
  const overlapping = overlap(sorted);
  const moments: number[] = [];
  for (const [index, good] of sorted.entries()) {
    if (good.metAtMs < fromMs || !hits(good) || (index > 0 && isHit(sorted[index - 1], run))) continue;
    const full = sorted.slice(index, index + answersThatEnd).filter(hits).length === answersThatEnd;
    if (full || overlapping) moments.push(...endedBefore(world, lived, sorted, { index, run }));
    if (full) break;
  }
  return moments;
}

type Run = { readonly fromMs: number; readonly hits: (one: Made) => boolean };

function isHit(one: Made | undefined, run: Run): boolean {
  return one !== undefined && one.metAtMs >= run.fromMs && run.hits(one);
}

function overlap(made: readonly Made[]): boolean {
  const byStart = [...made].sort((a, b) => a.startMs - b.startMs);
  return byStart.some((one, index) => one.startMs < (byStart[index - 1]?.endMs ?? 0));
}

function endedBefore(
  world: World,
  lived: Lived,
  sorted: readonly Made[],
  at: { readonly index: number; readonly run: Run },
): number[] {
  const { index, run } = at;
  const good = sorted[index];
  if (good === undefined) return [];
  const ahead = sorted.slice(0, index);
  const between = ahead
    .slice(ahead.findLastIndex(run.hits) + 1)
    .filter((one) => !one.good && one.metAtMs >= run.fromMs);
  const cameBack = world.backMs <= good.metAtMs && world.backMs >= (ahead.at(-1)?.startMs ?? 0);
  return [
    ...ledSince(lived, good),
    ...between.flatMap((one) => momentsOf(world, one)),
    ...(cameBack ? [world.backMs] : []),
  ];
}

function begins(world: World, lived: Lived, made: readonly Made[]): readonly number[] {
  const served = made.filter((one) => one.good && one.region === region && surelyBefore(one, world.restoreMs));
  const elsewhere = made.filter((one) => one.good && one.region !== region && one.metAtMs >= world.t0Ms);
  const firstMs = Math.min(...elsewhere.map((one) => one.metAtMs));
  const lastMs = Math.max(...served.filter((one) => one.metAtMs < firstMs).map((one) => one.metAtMs));
  const after = made.filter((one) => one.metAtMs > lastMs && one.metAtMs > world.t0Ms);
  const next = after.find((one) => one.good && one.region !== region);
  const moments = [
    world.goneMs,
    ...after.filter((one) => !one.good).flatMap((one) => momentsOf(world, one)),
    ...(next === undefined ? [] : ledSince(lived, next)),
  ];
  // The record is cut at t0: what began before is taken to begin there.
  return moments.map((atMs) => Math.max(atMs, world.t0Ms));
}

/** Each draw that leads back to the region is a return. */
function drawsBack(lived: Lived): readonly number[] {
  return lived.refills.filter((refill) => refill.region === region).map((refill) => refill.atMs);
}

/** Since when the cache led where this attempt was led; a kept connection moves when it is opened anew. */
function ledSince(lived: Lived, one: Made): readonly number[] {
  const refill = lived.refills.findLast(({ atMs }) => atMs <= one.ledAtMs);
  const own = one.client === 'pooled' ? [one.ledAtMs] : [];
  return refill?.region === one.region ? [refill.atMs, ...own] : own;
}

function momentsOf(world: World, one: Made): readonly number[] {
  const flap = world.flaps.find(
    (piece) => piece.region === one.region && one.metAtMs >= piece.fromMs && one.metAtMs < piece.toMs,
  );
  if (one.why === 'flap' && flap !== undefined) return [one.metAtMs, flap.fromMs, flap.toMs];
  return one.why === 'stray' ? [one.metAtMs] : [];
}

/** Over before the moment on every clock: those that are not say nothing of the time before. */
function surelyBefore(one: Made, atMs: number): boolean {
  return one.endMs < atMs - clocksMs;
}
