/** What the samples of a window can show, and what they cannot. */
import type { Objective, QuantileIndicator } from '../../../contract/objective.ts';
import {
  quantileRanks,
  quantileSamplesNeeded,
  ratioAtLeast,
  ratioSamplesNeeded,
  sideOf,
} from '../../../contract/statistics.ts';
import { alpha } from '../reading.ts';
import { type Finding, finding, shorterInterval } from './finding.ts';
import { manyOf, type Probing, type Steps, stepsOf } from './steps.ts';
import { asWritten, inWords, nearlyWhole, percent } from './words.ts';

/** What the target leaves in a window, as time. */
export function budgetFinding(target: number, { window, windowMs, isByTime, noun }: Steps): Finding {
  const allowed = inWords((1 - target) * windowMs);
  const of = isByTime ? `in bad ${noun.replace('slice', 'slices')}` : 'of failure';
  return finding('fact', 'budget', `${percent(target)} of ${window} is ${amountOf(allowed)} ${of}`);
}

/** `an hour of failure` reads as if it were a choice. */
function amountOf(words: string): string {
  return words.replace(/^an? /, 'one ');
}

export function sampleFindings(target: number, objective: Objective, probing: Probing): readonly Finding[] {
  const steps = stepsOf(objective, probing);
  const { n, effect, rate, window } = steps;
  if (n === 0) {
    const remedy = `every: ${asWritten(steps.windowMs)} or less, or a longer window`;
    return [finding('problem', 'samples', `at ${rate}, ${window} ${verb(window)} nothing in it to judge by`, remedy)];
  }
  const needed = ratioSamplesNeeded({ good: 0, n: 0, target, designEffect: effect, alpha });
  if (n < needed) return [cannotShow(target, objective, { ...steps, needed })];
  const side = (bad: number) => sideOf({ good: n - bad, n, target, designEffect: effect, alpha });
  const most = lastOf(n, (bad) => side(bad) === 'above');
  const least = lastOf(n, (bad) => side(bad) !== 'below') + 1;
  const says = `at ${rate}, ${window} ${verb(window)} ${manyOf(steps, n)}${worth(steps)}: it passes with at most ${most.toLocaleString('en-US')} bad ones, fails from ${least.toLocaleString('en-US')} on, and is inconclusive between them`;
  return [finding('fact', 'samples', says)];
}

function verb(window: string): string {
  return /^an? /.test(window) ? 'has' : 'have';
}

/** The last of 0, 1, 2 … for which it holds; it holds for 0, and for none after one for which it does not. */
function lastOf(most: number, holds: (count: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function worth({ n, effect, inBurst }: Steps): string {
  if (effect <= 1) return '';
  const independent = Math.max(1, Math.floor(n / effect)).toLocaleString('en-US');
  return ` (worth ${independent}: an outage may last ${inBurst.toLocaleString('en-US')} of them)`;
}

function cannotShow(target: number, objective: Objective, steps: Steps & { readonly needed: number }): Finding {
  const { n, effect, rate, window, needed } = steps;
  const shown = ratioAtLeast(n / effect, n / effect, alpha / 2);
  const coarse = Number((1 - 10 * (1 - target)).toFixed(9));
  const what =
    coarse > 0 && shown < coarse ? `tell ${percent(target)} from ${percent(coarse)}` : `show ${percent(target)}`;
  const says = `at ${rate}, ${window} cannot ${what}: ${manyOf(steps, n)}${worth(steps)} without a failure show ${nearlyWhole(shown, 'down')}, and it takes ${needed.toLocaleString('en-US')}`;
  const enough = (everyMs: number): boolean => {
    const { n: there, effect: counting } = stepsOf(objective, { ...steps, everyMs });
    return there >= ratioSamplesNeeded({ good: 0, n: 0, target, designEffect: counting, alpha });
  };
  const everyMs = shorterInterval(steps.everyMs, enough);
  const lower = `a target of at most ${nearlyWhole(shown, 'down')}`;
  const remedy =
    everyMs === undefined
      ? `${lower}, or a longer window: probing more does not help`
      : `every: ${asWritten(everyMs)}, or ${lower}`;
  return finding('problem', 'samples', says, remedy);
}

/** Order statistics: below so many samples there is no upper bound at all. */
export function quantileFindings(
  { quantile: q }: QuantileIndicator,
  objective: Objective,
  probing: Probing,
): readonly Finding[] {
  const steps = stepsOf(objective, probing);
  const { n, effect, rate, window } = steps;
  const name = `p${Number((q * 100).toFixed(3))}`;
  const needed = Math.ceil(quantileSamplesNeeded(q, alpha) * effect);
  const ranks = n < needed ? undefined : quantileRanks(n, q, alpha, effect);
  if (ranks === undefined) {
    const enough = (everyMs: number): boolean => {
      const { n: there, effect: counting } = stepsOf(objective, { ...probing, everyMs });
      return there >= Math.ceil(quantileSamplesNeeded(q, alpha) * counting);
    };
    const everyMs = shorterInterval(probing.everyMs, enough);
    const says = `at ${rate}, ${window} ${verb(window)} ${manyOf(steps, n)}${worth(steps)}: too few for ${name}, it takes ${needed.toLocaleString('en-US')}`;
    const longer = 'a longer window, or a lower quantile';
    return [
      finding(
        'problem',
        'samples',
        says,
        everyMs === undefined ? longer : `every: ${asWritten(everyMs)}, or ${longer}`,
      ),
    ];
  }
  const [lower, upper] = ranks.map((rank) => rank.toLocaleString('en-US'));
  const says = `at ${rate}, ${window} ${verb(window)} ${manyOf(steps, n)}${worth(steps)}: ${name} lies between the ${lower}th and the ${upper}th of them, sorted`;
  return [finding('fact', 'samples', says)];
}

/** Of drills: nobody makes that many. */
export function drillFindings(target: number): readonly Finding[] {
  const needed = ratioSamplesNeeded({ good: 0, n: 0, target, designEffect: 1, alpha });
  const says = `it takes ${needed.toLocaleString('en-US')} drills without a miss in the window to show ${percent(target)}; with fewer it is inconclusive`;
  return [finding('note', 'samples', says, 'a target of 90% takes 36 drills, one of 50% takes 6')];
}
