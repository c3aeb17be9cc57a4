/**
 * Exactly once. Per (agent, boot) there is one number: everything up to it is counted or declared missing. It moves in
 * the same transaction as the counts, so no crash, replay or reordering can count a result twice or lose one.
 */

/** Numbers `fromSeq` to `toSeq`, both included. */
export type Span<T> = { readonly fromSeq: number; readonly toSeq: number; readonly body: T };

/** `skip`: how many numbers at the start of the span had been counted before. */
export type Taken<T> = Span<T> & { readonly skip: number };

export type Watermark<T> = {
  readonly through: number;
  /** Beyond a hole, by `fromSeq`; none of them is acknowledged. */
  readonly held: readonly Span<T>[];
};

export type Offer<T> = {
  readonly state: Watermark<T>;
  /** To be counted, in order; together they move the watermark to `state.through`. */
  readonly taken: readonly Taken<T>[];
  /** `full`: more is held than `maxHeld` allows. The sender has to come back and send again from the watermark. */
  readonly fate: 'taken' | 'known' | 'held' | 'full';
};

export function startingAt<T>(through: number): Watermark<T> {
  return { through, held: [] };
}

/** What becomes of a span: counted, known already, or held until the hole before it is filled. */
export function offer<T>(state: Watermark<T>, span: Span<T>, maxHeld: number): Offer<T> {
  if (span.toSeq <= state.through) return { state, taken: [], fate: 'known' };
  if (span.fromSeq > state.through + 1) return hold(state, span, maxHeld);
  const taken: Taken<T>[] = [];
  let { through } = state;
  let waiting: readonly Span<T>[] = [span, ...state.held];
  for (let next = waiting[0]; next !== undefined && next.fromSeq <= through + 1; next = waiting[0]) {
    waiting = waiting.slice(1);
    if (next.toSeq <= through) continue;
    taken.push({ ...next, skip: through + 1 - next.fromSeq });
    through = next.toSeq;
  }
  return { state: { through, held: waiting }, taken, fate: 'taken' };
}

function hold<T>(state: Watermark<T>, span: Span<T>, maxHeld: number): Offer<T> {
  if (state.held.some((other) => other.fromSeq <= span.fromSeq && span.toSeq <= other.toSeq)) {
    return { state, taken: [], fate: 'held' };
  }
  if (state.held.length >= maxHeld) return { state, taken: [], fate: 'full' };
  const held = [...state.held, span].sort((a, b) => a.fromSeq - b.fromSeq);
  return { state: { through: state.through, held }, taken: [], fate: 'held' };
}
