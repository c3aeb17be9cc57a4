/** What a weighted name answered while one of its regions was away, by the draws of its authorities. */
import type { StoredResult } from '../../contract/api.ts';
import type { Bounds } from '../../contract/bounds.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { ratioInterval } from '../../contract/statistics.ts';
import { formatMs } from '../../contract/units.ts';
import type { Facts } from '../world.ts';
import { between, timeOf } from './drill-facts.ts';
import { alpha, type Finding, fail, inconclusive, pass, span } from './row.ts';
import { countsOf, drawsNeeded, renormalised, type Shares, sharesText, testShares } from './shares.ts';

type Redraw = {
  readonly drill: DrillReport;
  /** With the region that is away. */
  readonly shares: Shares;
  readonly limitMs: number;
  /** After t0: when every name server had left the region on a name that is not weighted; `null` if that was not seen. */
  readonly leftMs: number | null;
};

/** A region that is drawn this often, at least, once it should have gone has not gone. */
const stillRatio = 0.05;

/**
 * A region of weight w that is still answered is missed by n draws with the chance (1 - w)^n: it has left once that is
 * below α. From its last answer on, the draws have to follow the shares of the others.
 */
export function weightsWithout(facts: Facts, { drill, shares, limitMs, leftMs }: Redraw): Finding {
  const { region, t0, restoreCalled } = drill;
  if (t0 === null || restoreCalled === null) return inconclusive('the drill took nothing away');
  const draws = between(drawsIn(facts), t0.lowerMs, restoreCalled.lowerMs);
  const last = draws.filter((draw) => draw.region === region).at(-1);
  const settledMs = last === undefined ? t0.upperMs : Math.max(t0.upperMs, timeOf(last).upperMs);
  const after = between(draws, settledMs, restoreCalled.lowerMs);
  const proof = Math.ceil(Math.log(alpha) / Math.log(1 - (shares[region] ?? 0)));
  const others = renormalised(
    shares,
    Object.keys(shares).filter((other) => other !== region),
  );
  const tooFew = `${after.length} draws without ${region} before the restore, want ${proof}`;
  if (after.length < proof) {
    return notGone(draws, after.length, { drill, shares, limitMs, leftMs }) ?? inconclusive(tooFew);
  }
  const first = after[0];
  const flip: Bounds = {
    lowerMs: last === undefined ? 0 : Math.max(0, timeOf(last).lowerMs - t0.upperMs),
    upperMs: (first === undefined ? settledMs : timeOf(first).upperMs) - t0.lowerMs,
  };
  const tested = testShares(countsOf(after.map((draw) => draw.region ?? 'no region')), others);
  const text = `left ${span(flip)} after t0, then ${after.length} draws: ${tested.text}`;
  if (!tested.holds) return fail(`${text}; that is not ${sharesText(others)}`);
  if (flip.lowerMs > limitMs) return fail(`${text}; that is too late`);
  const needed = drawsNeeded(others);
  return flip.upperMs > limitMs || after.length < needed ? inconclusive(`${text}; want ${needed} in time`) : pass(text);
}

/** The same health decides on all names of a region: where one has left it, another that goes on answering it never will. */
function notGone(
  draws: readonly StoredResult[],
  without: number,
  { drill, limitMs, leftMs }: Redraw,
): Finding | undefined {
  const { region, t0, restoreCalled } = drill;
  if (t0 === null || restoreCalled === null) return undefined;
  const dueMs = t0.upperMs + Math.min(leftMs ?? limitMs, limitMs);
  const late = between(draws, dueMs, restoreCalled.lowerMs);
  const still = late.filter((draw) => draw.region === region).length;
  const [lower] = ratioInterval(still, late.length, alpha);
  const text = `${still} of ${late.length} draws answered ${region} later than ${formatMs(dueMs - t0.upperMs)} after t0`;
  return lower > stillRatio ? fail(`${text}, and only the last ${without} before the restore did not`) : undefined;
}

/** After the call of restore the region is drawn again. */
export function weightsAgain(facts: Facts, { drill, limitMs }: Redraw): Finding {
  const { region, restoreCalled } = drill;
  if (restoreCalled === null) return inconclusive('the drill did not restore');
  const nextMs = Math.min(
    ...facts.drills.flatMap(({ t0 }) => (t0 !== null && t0.lowerMs > restoreCalled.upperMs ? t0.lowerMs : [])),
    Number.POSITIVE_INFINITY,
  );
  const draws = between(drawsIn(facts), restoreCalled.upperMs, nextMs);
  const first = draws.find((draw) => draw.region === region);
  const last = draws.at(-1);
  const seenMs = last === undefined ? 0 : timeOf(last).lowerMs - restoreCalled.upperMs;
  if (first === undefined) {
    const text = `${region} was not drawn again in ${draws.length} draws after the restore`;
    return seenMs > limitMs ? fail(text) : inconclusive(text);
  }
  const time = timeOf(first);
  const back = { lowerMs: time.lowerMs - restoreCalled.upperMs, upperMs: time.upperMs - restoreCalled.lowerMs };
  const text = `drawn again ${span(back)} after the restore`;
  if (back.upperMs <= limitMs) return pass(text);
  return back.lowerMs > limitMs ? fail(`${text}; that is too late`) : inconclusive(text);
}

function drawsIn(facts: Facts): readonly StoredResult[] {
  return facts.drillResults.filter((result) => result.check === 'draws' && result.outcome === 'good');
}
