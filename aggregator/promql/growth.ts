/**
 * By how much sums that only go on grew between two moments. Each is taken at both ends; an aggregator that is dead keeps
 * what it wrote last.
 */
import type { Labels, Promql, Vector } from './client.ts';

/** How far back the last word of an aggregator is looked for that was silent for the whole window before. */
const longestSilenceMs = 31 * 86_400_000;

export type Before = { readonly atMs: number; readonly windowMs: number };

/** Series by series. One that began in the window grew from nothing; one that was not written in it is not there. */
export async function growth(selector: string, { atMs, windowMs }: Before, engine: Promql): Promise<Vector> {
  const last = (overMs: number, moment: number) => engine.query(`last_over_time(${selector}[${overMs}ms])`, moment);
  const startMs = atMs - windowMs;
  const [now, near] = await Promise.all([last(windowMs, atMs), last(windowMs, startMs)]);
  const before = valuesOf(near);
  const unknown = now.some(({ labels }) => !before.has(keyOf(labels)));
  const far = unknown && windowMs < longestSilenceMs ? valuesOf(await last(longestSilenceMs, startMs)) : before;
  return now.map(({ labels, value }) => {
    const key = keyOf(labels);
    return { labels, value: value - (before.get(key) ?? far.get(key) ?? 0) };
  });
}

function valuesOf(vector: Vector): ReadonlyMap<string, number> {
  return new Map(vector.map(({ labels, value }) => [keyOf(labels), value]));
}

function keyOf(labels: Labels): string {
  const own = Object.entries(labels).filter(([name]) => name !== '__name__');
  return JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}
