/** Which rounds of an agent are ours, where it has other aggregators too. By what it says itself: nobody else knows. */
import type { Hold, Span } from '../../contract/wire.ts';
import { roundsBetween } from '../slices/rounds.ts';

/** On the agent's clock. `null`: it never spoke of it, so all of them are. */
export type Held = readonly Span[] | null;

const maxKept = 128;

/** What is known after this word of the agent's: its own from `knownFromMs` on, ours of the time before. */
export function heldAfter(before: Held, hold: Pick<Hold, 'knownFromMs' | 'spans'>): readonly Span[] {
  const { knownFromMs } = hold;
  const all: readonly Span[] = before ?? [[Number.MIN_SAFE_INTEGER, null]];
  const earlier = all
    .filter(([fromMs]) => fromMs < knownFromMs)
    .map(([fromMs, toMs]): Span => [fromMs, Math.min(toMs ?? knownFromMs, knownFromMs)]);
  return [...earlier, ...hold.spans].slice(-maxKept);
}

/** Whether the agent is at another aggregator now. */
export function isElsewhere({ held }: { readonly held?: Held | undefined }): boolean {
  return (held ?? null) !== null && held?.at(-1)?.[1] !== null;
}

export type Stretch = { readonly fromMs: number; readonly toMs: number };

/** How many of the rounds that start in the stretch are ours. `shiftMs`: from the agent's rounds to everybody's. */
export function roundsHeld(held: Held, everyMs: number, { fromMs, toMs }: Stretch, shiftMs: number): number {
  if (held === null) return roundsBetween(everyMs, fromMs, toMs);
  return held.reduce((sum, [spanFromMs, spanToMs]) => {
    const beginMs = Math.max(fromMs, spanFromMs + shiftMs);
    const endMs = Math.min(toMs, (spanToMs ?? Number.POSITIVE_INFINITY) + shiftMs);
    return sum + roundsBetween(everyMs, beginMs, endMs);
  }, 0);
}

/** From when on the two differ; `null` when they don't. */
export function differFromMs(one: Held, other: Held): number | null {
  const edges = [one, other].flatMap((held) => held ?? [[Number.MIN_SAFE_INTEGER, null] as Span]);
  const moments = [...new Set(edges.flatMap(([fromMs, toMs]) => [fromMs, toMs ?? Number.POSITIVE_INFINITY]))];
  const first = moments.sort((a, b) => a - b).find((atMs) => isIn(one, atMs) !== isIn(other, atMs));
  return first ?? null;
}

function isIn(held: Held, atMs: number): boolean {
  return held === null || held.some(([fromMs, toMs]) => fromMs <= atMs && atMs < (toMs ?? Number.POSITIVE_INFINITY));
}
