/** From the call of restore on: how the clients of one vantage came back to the region. */
import type { Bounds } from '../../contract/bounds.ts';
import type { ClientClass } from '../../contract/result.ts';
import type { Attempt } from './attempt.ts';
import { crossing, type Window, within } from './crossing.ts';
import { type Failover, nameFlips, type Side, stagesOf } from './failover.ts';
import { lastBad, passageOf, since } from './passage.ts';
import { type Piece, piecesOf } from './pieces.ts';
import type { VantageRecord } from './record.ts';
import { flapsOf, residualOf } from './residual.ts';

/**
 * The same rules, the other way round: everyone but the region is where clients come from, and the region is where they
 * go. An outage that was open at the cut goes on here, with its own beginning, and ends here.
 */
export function failbackOf(
  record: VantageRecord,
  client: ClientClass,
  region: string,
  failover: Failover,
): Side | undefined {
  const from = record.clock.restore;
  if (from === null) return undefined;
  const window: Window = {
    from,
    until: null,
    origin: (served) => served !== null && served !== region,
    target: (served) => served === region,
  };
  const attempts = record.client[client];
  const inside = within(attempts, window);
  const { observed } = failover.passage;
  const flips = nameFlips(
    { ...record, authority: sinceT0(record, 'authority'), resolver: sinceT0(record, 'resolver') },
    {
      region,
      from,
      until: null,
      way: 'back',
    },
  );
  const main = observed ? carriedOn(crossing(inside, window), failover.open) : undefined;
  const counted = new Set(main?.bad ?? []);
  const rest = inside.filter((attempt) => !attempt.good && !counted.has(attempt));
  const last = observed && main?.ended !== null ? lastBad(attempts, window) : undefined;
  const back = servedAgain(record, client, region, window);
  // Where answers are weighted other regions serve for good, and nothing of that is left over from the drill.
  const isTold = observed && (record.share ?? 1) >= 1;
  const { residual, ...elsewhere } = isTold ? standIns(inside, window, main) : nowhere;
  return {
    passage: {
      ...passageOf({ ...record, client, observed, main, others: piecesOf(rest, attempts, from) }, attempts, window),
      ...elsewhere,
    },
    stages: {
      ...(back === undefined ? {} : { 'last-served': since(from, back) }),
      ...stagesOf(flips, from),
      ...(main?.ended == null ? {} : { 'first-good': since(from, main.ended) }),
      ...(last === undefined ? {} : { 'last-bad': since(from, last) }),
      ...(residual === undefined ? {} : { residual: since(from, residual) }),
    },
  };
}

const nowhere = { residual: undefined, flaps: [], servedLast: null };

/** What regions that stood in served on, behind the call of restore, and again behind the client's return. */
function standIns(inside: readonly Attempt[], window: Window, main: Piece | undefined) {
  const { ended, servedLast } = residualOf(inside, window);
  const flaps = main?.ended == null ? [] : flapsOf(inside, window, main.ended);
  return { residual: ended, flaps, servedLast };
}

/** Only what was answered in the drill: an answer from another region before t0 says nothing about its end. */
function sinceT0(record: VantageRecord, of: 'authority' | 'resolver'): VantageRecord['authority'] {
  return record[of].filter((answer) => answer.startMs >= record.clock.t0.lowerMs);
}

function carriedOn(main: Piece | undefined, open: Piece | null): Piece | undefined {
  if (open === null) return main;
  if (main === undefined) return open;
  return { began: open.began, ended: main.ended, bad: [...new Set([...open.bad, ...main.bad])] };
}

/** When the region answered again, by its own endpoint: the first of a run of good answers. */
function servedAgain(record: VantageRecord, client: ClientClass, region: string, window: Window): Bounds | undefined {
  const direct = record.direct[client].filter(
    (attempt) => (attempt.good ? attempt.servedBy : attempt.region) === region,
  );
  const dark = direct.some((attempt) => !attempt.good && attempt.endMs >= record.clock.t0.lowerMs);
  return dark ? (crossing(within(direct, window), window)?.ended ?? undefined) : undefined;
}
