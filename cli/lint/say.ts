/** What lint finds, for people. */

import type { PairRehearsed, Rehearsal, Spread } from '../../aggregator/slo/incident/rehearse.ts';
import { inWords, percent, rateInWords } from '../../aggregator/slo/lint/words.ts';
import { formatMs, formatRatio } from '../../contract/units.ts';
import { type Paint, table } from '../table.ts';
import type { LintAnswer, LintedAt, ObjectiveLinted } from './answer.ts';
import { compared } from './compare.ts';

export function textOf(answer: LintAnswer, paint: Paint): string {
  const { objectives, incident } = answer;
  if (objectives.length === 0) return 'no objectives: nothing is judged\n';
  const isCompared = objectives.some(({ at }) => at.length > 1);
  const parts = objectives.map((one) => (isCompared ? comparedText(one, paint) : single(one, paint)));
  return `${[...(incident === undefined ? [] : [told(incident)]), ...parts].join('\n\n')}\n`;
}

function told({ rate, regions, forMs, seed }: NonNullable<LintAnswer['incident']>): string {
  const where = regions === null ? '' : ` of ${regions.join(' and ')}`;
  const what = rate >= 1 ? 'all attempts' : `${percent(rate)} of the attempts`;
  return `incident: ${what}${where} fail for ${inWords(forMs)} (seed ${seed})`;
}

function heading({ id }: ObjectiveLinted, paint: Paint): string {
  return paint(id, 'bold');
}

function single(one: ObjectiveLinted, paint: Paint): string {
  const [at] = one.at;
  if (at === undefined) return heading(one, paint);
  const rate = at.perRound === 0 ? 'nothing counts' : rateInWords(at.everyMs, at.perRound);
  const lines = [`${heading(one, paint)}: ${rate}, ${at.probesPerMonth.toLocaleString('en-US')} probes a month`];
  const shown = at.rehearsal === undefined ? at.findings : at.findings.filter(({ level }) => level === 'problem');
  return [...lines, ...findingLines(shown, paint), ...rehearsalLines(at)].join('\n');
}

function findingLines(findings: LintedAt['findings'], paint: Paint): readonly string[] {
  const marks = { fact: '  ', note: '? ', problem: '! ' } as const;
  return findings.flatMap(({ level, says, remedy }) => {
    const line = `  ${marks[level]}${says}`;
    const painted = level === 'fact' ? line : paint(line, level === 'problem' ? 'red' : 'yellow');
    return remedy === null ? [painted] : [painted, `      → ${remedy}`];
  });
}

function rehearsalLines({ rehearsal }: LintedAt): readonly string[] {
  if (rehearsal === undefined) return [];
  if ('none' in rehearsal) return [`  ${rehearsal.none}`];
  const { pairs, left, runs, failed } = rehearsal;
  const rows = [
    ['  failed results', numbers(failed, (count) => count.toLocaleString('en-US'))],
    ...pairs.map((pair) => [`  ${nameOf(pair)}`, firesIn(pair, runs)]),
    ['  budget left', numbers(left, formatRatio)],
    ['  verdict', `${verdictsIn(rehearsal)}: ${rehearsal.because}`],
  ];
  return [`  in ${runs} runs:`, ...table(rows).split('\n')];
}

function nameOf({ pair: { severity, factor, longMs } }: PairRehearsed): string {
  return `${severity} at ${Number(factor.toFixed(2))}x over ${inWords(longMs)}`;
}

function firesIn({ chance, chanceInterval, firesAfterMs, clearsAfterMs }: PairRehearsed, runs: number): string {
  if (firesAfterMs === null) return chanceInterval[1] > 0 ? `never in ${runs} runs` : 'never';
  const share =
    chance === 1 ? 'fires' : `fires in ${wholePercent(chance)} (${chanceInterval.map(wholePercent).join(' to ')})`;
  const clears = clearsAfterMs === null ? 'still fires at the end' : `clears ${sinceEnd(clearsAfterMs)}`;
  return `${share} after ${numbers(firesAfterMs, formatMs)}, ${clears}`;
}

function sinceEnd(spread: Spread): string {
  return spread.p50 < 0
    ? `${formatMs(-spread.p50)} before its end`
    : `${numbers(spread, (ms) => formatMs(Math.max(0, ms)))} after its end`;
}

/** The middle, and what nine of ten lie between where they differ. */
export function numbers({ p5, p50, p95 }: Spread, format: (value: number) => string): string {
  const [low, middle, high] = [p5, p50, p95].map(format);
  return low === high ? `${middle}` : `${middle} (${low} to ${high})`;
}

export function wholePercent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

export function verdictsIn({ verdicts }: Rehearsal): string {
  const some = (['fail', 'inconclusive', 'pass'] as const).filter((status) => verdicts[status] > 0);
  return some
    .map((status) => (verdicts[status] === 1 ? status : `${status} in ${wholePercent(verdicts[status])}`))
    .join(', ');
}

function comparedText(one: ObjectiveLinted, paint: Paint): string {
  return [
    heading(one, paint),
    ...compared(one)
      .split('\n')
      .map((line) => `  ${line}`),
  ].join('\n');
}
