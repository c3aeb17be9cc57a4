import { ratioInterval } from '../../contract/statistics.ts';
import type { Row } from '../../contract/verdict.ts';
import type { Facts } from '../world.ts';
import { alpha, counted, type Finding, fail, inconclusive, listed, pass, percent, row, tallied } from './row.ts';

/** A region whose endpoint is well may still lose an attempt to a busy machine. */
const toleratedRatio = 0.05;
const attemptsNeeded = 3;

/** The region's own endpoint answers as the design says, and says that it is that region, before any drill. */
export function smokeRow(facts: Facts, region: string): Row {
  const attempts = facts.results.filter(
    (result) => result.check === 'smoke' && result.region === region && result.outcome !== 'missing',
  );
  const bad = attempts
    .filter((attempt) => attempt.outcome === 'bad')
    .map((attempt) => attempt.reason ?? 'no reason given');
  const limit = `200 with x-region: ${region}, in at least ${percent(1 - toleratedRatio)} of attempts`;
  return row({ id: `smoke.${region}`, limit, evidence: [`smoke/${region}`] }, judge(attempts.length, bad));
}

function judge(count: number, bad: readonly string[]): Finding {
  const [lower, upper] = ratioInterval(count - bad.length, count, alpha);
  const measured = count === 0 ? null : { value: (count - bad.length) / count, lower, upper, unit: 'ratio' };
  const seen = bad.length === 0 ? '' : `: ${listed(tallied(bad))}`;
  const text = `${bad.length} of ${counted(count, 'attempt')} failed${seen}`;
  if (upper < 1 - toleratedRatio) return fail(text, measured);
  if (count < attemptsNeeded) return inconclusive(`${text}, want at least ${attemptsNeeded} attempts`, measured);
  return bad.length <= count * toleratedRatio ? pass(text, measured) : inconclusive(text, measured);
}
