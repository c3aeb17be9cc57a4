import { widthMs } from '../../contract/bounds.ts';
import { stageIds } from '../../contract/drill.ts';
import { quantile } from '../../contract/statistics.ts';
import { formatMs, formatRatio } from '../../contract/units.ts';
import type { Row } from './row.ts';

/** `calm`: of a drill that passed. */
export type Shown = Row & { readonly calm: boolean };

/** Prints a line a stage. `false`: some bounds miss the truth. */
export function printTable(rows: readonly Shown[]): boolean {
  console.log(
    '| side | stage | found | contain the truth | measured in predicted 90 % | width p50 | width p95 | within what is allowed |',
  );
  console.log('|---|---|---:|---:|---:|---:|---:|---:|');
  for (const way of ['failover', 'failback'] as const) {
    for (const stage of stageIds) {
      const own = rows.filter((row) => row.way === way && row.stage === stage);
      if (own.length > 0) console.log(`| ${way} | ${stage} | ${cells(own, stage).join(' | ')} |`);
    }
  }
  const predicted = rows.filter((row) => row.predicted !== null && row.calm);
  const missed = rows.filter((row) => !row.contained);
  console.log(
    `\n${rows.length} stages found, ${missed.length} whose bounds miss the truth; ${shareOf(predicted, isInside)} of what was measured in the predicted 90 %`,
  );
  const thinned = rows.filter(({ moments }) => moments.some(({ missingRounds }) => missingRounds > 0));
  console.log(`${thinned.length} of them with a missing round beside them, which widens them by an interval`);
  for (const miss of missed) console.log(JSON.stringify(miss));
  return missed.length === 0;
}

function cells(all: readonly Shown[], stage: Row['stage']): readonly string[] {
  const own = all.filter(({ calm }) => calm);
  const widths = own.map(({ found }) => found.upperMs - found.lowerMs).sort((a, b) => a - b);
  const width = (q: number): string => formatMs(quantile(widths, q) ?? 0);
  const predicted = own.filter((row) => row.predicted !== null);
  const known = all.filter((row) => row.truth !== null);
  // What is read from outside has its own pace.
  const attempted = !['detect', 'drain', 'capacity'].includes(stage);
  return [
    String(all.length),
    known.length === 0 ? '' : shareOf(known, (row) => row.contained),
    predicted.length === 0 ? '' : shareOf(predicted, isInside),
    width(0.5),
    width(0.95),
    attempted && own.length > 0 ? shareOf(own, isNarrow) : '',
  ];
}

function shareOf(rows: readonly Row[], holds: (row: Row) => boolean): string {
  return formatRatio(rows.filter(holds).length / rows.length);
}

/** The middle of what was measured. */
function isInside({ found, predicted }: Row): boolean {
  const ms = (found.lowerMs + found.upperMs) / 2;
  return predicted !== null && predicted.p5 <= ms && ms <= predicted.p95;
}

function isNarrow({ moments }: Row): boolean {
  return moments.length > 0 && moments.every(({ found, allowedMs }) => widthMs(found) <= allowedMs);
}
