/** An incident that never was, and what was probed while it went on. */

/** From its beginning to its end each attempt at what it hits fails with this chance. */
export type Incident = { readonly rate: number; readonly forMs: number };

/** The rounds of one check at one vantage. */
export type Stream = {
  /** From the start of each round to its attempt, in [0, everyMs). */
  readonly offsetMs: number;
  readonly isHit: boolean;
};

/** All that counts for an objective. Attempts that are not hit are good. */
export type Probed = { readonly everyMs: number; readonly streams: readonly Stream[] };

/** One attempt: results count in the slice that their round begins in, when they are there. */
export type Attempt = { readonly atMs: number; readonly roundMs: number; readonly isHit: boolean };

/** All attempts of the rounds that begin in `[fromMs, toMs)`, in the order of time. */
export function attemptsOf({ everyMs, streams }: Probed, fromMs: number, toMs: number): readonly Attempt[] {
  const inOrder = [...streams].sort((a, b) => a.offsetMs - b.offsetMs);
  const attempts: Attempt[] = [];
  for (let round = Math.ceil(fromMs / everyMs); round * everyMs < toMs; round += 1) {
    const roundMs = round * everyMs;
    for (const { offsetMs, isHit } of inOrder) attempts.push({ atMs: roundMs + offsetMs, roundMs, isHit });
  }
  return attempts;
}
