/** The facts of an objective over all aggregators, from what they wrote to the engine: sums at both ends of its window. */
import { countedMetrics } from '../../contract/counted-metrics.ts';
import type { Objective } from '../../contract/objective.ts';
import { emptyHistogram, type Histogram } from '../slices/histogram.ts';
import { silenceMs } from '../slo/doubt.ts';
import type { SliceCounts, WindowFacts } from '../slo/facts.ts';
import { windowAt } from '../slo/window.ts';
import type { Promql, Vector } from './client.ts';
import { freshMs } from './fleet.ts';
import { type Before, growth } from './growth.ts';

const leastStepMs = 10_000;
const steps = 300;

export type SpanningFacts = WindowFacts & {
  /** Of which a result of the objective's check is expected at that moment: one came lately, or is missing. */
  readonly expected: ReadonlySet<string>;
  /** Of which one came lately. */
  readonly heard: ReadonlySet<string>;
  /** At most; the end of the newest piece of the window that has results that came, `null` of none. */
  readonly newestMs: number | null;
};

/** `everyMs`: how often its checks are made; `null` of nobody's. */
export async function spanningFacts(
  objective: Objective,
  { atMs, everyMs }: { readonly atMs: number; readonly everyMs: number | null },
  engine: Promql,
): Promise<SpanningFacts> {
  const { fromMs } = windowAt(objective, atMs);
  // A period of a calendar begins with a window of nothing.
  const window = { atMs, windowMs: Math.max(1, atMs - fromMs) };
  const matchers = matchersOf(objective, await ownVantages(objective, window, engine));
  const counted = `${countedMetrics.countedResults.name}{${matchers}}`;
  // What has come is written at the next step.
  const lately = { atMs, windowMs: silenceMs(everyMs ?? 0) + freshMs };
  const [{ results, durations }, slices, latest] = await Promise.all([
    countedIn(objective, matchers, window, engine),
    slicesOf(counted, window, engine),
    growth(counted, lately, engine),
  ]);
  const heard = vantagesOf(latest.filter(isCame));
  return {
    ...{ fromMs, atMs, slices, durations, samplesMs: null },
    good: sumOf(results, 'good'),
    bad: sumOf(results, 'bad'),
    missing: sumOf(results, 'missing'),
    vantages: [...vantagesOf(results.filter(isCame))],
    ...{ heard, expected: vantagesOf(latest) },
    newestMs: heard.size > 0 ? atMs : newestIn(slices, atMs - lately.windowMs),
  };
}

/** Results, and where the indicator needs them, how long the good ones took. */
async function countedIn(objective: Objective, matchers: string, window: Before, engine: Promql) {
  const of = ({ name }: { readonly name: string }) => growth(`${name}{${matchers}}`, window, engine);
  const isTimed = timed.has(objective.indicator.kind);
  const ask = async () => {
    const [results, durations] = await Promise.all([
      of(countedMetrics.countedResults),
      isTimed ? of(countedMetrics.countedDurations) : [],
    ]);
    return { results, durations: histogramOf(durations) };
  };
  const first = await ask();
  // More may have been written between two questions.
  return isTimed && first.durations.count !== sumOf(first.results, 'good') ? await ask() : first;
}

const timed: ReadonlySet<string> = new Set(['latency', 'latency-under', 'replication-lag']);

function sumOf(results: Vector, outcome: string): number {
  const found = results.filter(({ labels }) => labels['outcome'] === outcome);
  return Math.max(
    0,
    found.reduce((total, { value }) => total + value, 0),
  );
}

function isCame({ labels }: Vector[number]): boolean {
  return labels['outcome'] !== 'missing';
}

/** Series by series: a late result takes the place of a missing one, so that one grows while another shrinks. */
function vantagesOf(results: Vector): ReadonlySet<string> {
  return new Set(results.filter(({ value }) => value > 0).map(({ labels }) => labels['vantage'] ?? ''));
}

function newestIn(slices: readonly SliceCounts[], atMostMs: number): number | null {
  const newest = slices.findLast(({ good, bad }) => good + bad > 0);
  return newest === undefined ? null : Math.min(newest.atMs + newest.widthMs, atMostMs);
}

/** Of an objective that counts only those in its region; else `null`. Which region a vantage is in says its agent. */
async function ownVantages(
  { region, from }: Objective,
  { atMs, windowMs }: Before,
  engine: Promql,
): Promise<readonly string[] | null> {
  if (region === null || from === 'all') return null;
  const seen = await engine.query(
    `last_over_time(${countedMetrics.agentSeen.name}[${Math.max(windowMs, freshMs)}ms])`,
    atMs,
  );
  return [
    ...new Set(seen.filter(({ labels }) => labels['region'] === region).map(({ labels }) => labels['vantage'] ?? '')),
  ];
}

function matchersOf({ check, region }: Objective, vantages: readonly string[] | null): string {
  const matchers = [`check=${JSON.stringify(check)}`];
  if (region !== null) matchers.push(`region=${JSON.stringify(region)}`);
  if (vantages !== null) {
    const names = vantages.map((vantage) => vantage.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')).join('|');
    matchers.push(`vantage=~${JSON.stringify(names)}`);
  }
  return matchers.join(',');
}

function histogramOf(counts: Vector): Histogram {
  const histogram = emptyHistogram();
  for (const { labels, value } of counts) {
    if (value <= 0) continue;
    const { bucket = '' } = labels;
    histogram.count += value;
    if (bucket === 'zero') histogram.zero += value;
    else histogram.buckets.set(Number(bucket), (histogram.buckets.get(Number(bucket)) ?? 0) + value);
  }
  return histogram;
}

/** The window in pieces: only for how bunched failures are, so a piece in which an aggregator was silent is left out. */
async function slicesOf(selector: string, { atMs, windowMs }: Before, engine: Promql): Promise<readonly SliceCounts[]> {
  const stepMs = Math.max(leastStepMs, Math.ceil(windowMs / steps / 1_000) * 1_000);
  // The last piece ends with the window: what came last is in it.
  const stretch = { fromMs: atMs - Math.floor(windowMs / stepMs) * stepMs, toMs: atMs, stepMs };
  const matrix = await engine.range(`sum by (aggregator, outcome) (${selector})`, stretch);
  const slices = new Map<number, SliceCounts>();
  for (const { labels, points } of matrix) {
    const outcome = labels['outcome'];
    if (outcome !== 'good' && outcome !== 'bad' && outcome !== 'missing') continue;
    for (const [index, [pointMs, value]] of points.entries()) {
      const before = points[index - 1];
      if (before === undefined || pointMs - before[0] > 1.5 * stepMs) continue;
      const slice = slices.get(before[0]) ?? { atMs: before[0], widthMs: stepMs, good: 0, bad: 0, missing: 0 };
      slice[outcome] += Math.max(0, value - before[1]);
      slices.set(before[0], slice);
    }
  }
  return [...slices.values()].sort((a, b) => a.atMs - b.atMs);
}
