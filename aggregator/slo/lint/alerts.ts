/** What it takes for burn alerts to fire, and how often they would for nothing. */
import { type BurnPair, burnPairs, canNeverFire, leastToFire } from '../burn.ts';
import { burstAlarmsPerYear, falseAlarmsPerYear, yearMs } from './false-alarms.ts';
import { type Finding, finding, shorterInterval } from './finding.ts';
import { manyOf, type Steps, stepsIn } from './steps.ts';
import { asWritten, inWords, nearlyWhole, percent } from './words.ts';

/** Of a target and what it is probed by; pairs by the window that burn rates are made with. */
export function alertFindings(target: number, steps: Steps, windowMs: number): readonly Finding[] {
  const pairs = burnPairs(windowMs);
  if (pairs.length === 0) {
    return [
      finding(
        'note',
        'burn',
        `${steps.window} is too short for burn rates: no pair of windows fits, and no alert says that the budget goes`,
        'a window of 2d or more has a pair, and one of 27d or more all four',
      ),
    ];
  }
  const each = pairs.flatMap((pair) => onPair(pair, target, steps));
  const pages = pairs.filter(({ severity }) => severity === 'page');
  const isSilent = pages.length > 0 && pages.every((pair) => leastOf(pair, target, steps) === null);
  return [
    ...each,
    ...(isSilent ? [finding('problem', 'burn', `no page can ever fire ${atRate(steps)}, not in ${steps.worst}`)] : []),
    ...wolf(pairs, target, steps),
  ];
}

function leastOf(pair: BurnPair, target: number, { stepMs }: Steps): number | null {
  return leastToFire(stepsIn(pair.longMs, stepMs), pair, target);
}

function atRate({ rate }: Steps): string {
  return `at ${rate}`;
}

function nameOf({ severity, factor, longMs }: BurnPair): string {
  return `${severity} at ${Number(factor.toFixed(2))}x over ${inWords(longMs)}`;
}

function onPair(pair: BurnPair, target: number, steps: Steps): readonly Finding[] {
  const name = nameOf(pair);
  if (canNeverFire(pair, target)) {
    const says = `${name}: this rule can never fire, it asks for more than everything to fail`;
    return [finding('note', 'burn', says, `a target over ${nearlyWhole(1 - 1 / pair.factor, 'up')}, or no such alert`)];
  }
  const least = leastOf(pair, target, steps);
  if (least === null) return [tooFew(pair, target, steps)];
  if (least === 1) return [oneIsEnough(pair, target, steps)];
  return [steps.everyMs > pair.shortMs ? maybe(pair, steps, least) : afterHowLong(pair, target, { ...steps, least })];
}

/** The short window is empty between two rounds, and a result that comes late in its round finds it gone. */
function maybe(pair: BurnPair, steps: Steps, least: number): Finding {
  const n = stepsIn(pair.longMs, steps.stepMs);
  const says = `${nameOf(pair)}: ${atRate(steps)} ${least} of ${manyOf(steps, n)} have to ${steps.act}, and its short window of ${inWords(pair.shortMs)} is empty most of the time: it may fire late or never`;
  return finding('note', 'burn', says, `every: ${asWritten(pair.shortMs)} or less`);
}

function tooFew(pair: BurnPair, target: number, steps: Steps): Finding {
  const n = stepsIn(pair.longMs, steps.stepMs);
  const proves = n === 0 ? 'nothing is probed in it' : `${manyOf(steps, n)} in it prove${n === 1 ? 's' : ''} nothing`;
  const says = `${nameOf(pair)}: this rule can never fire ${atRate(steps)}, ${proves}`;
  const everyMs = steps.isByTime
    ? undefined
    : shorterInterval(steps.everyMs, (ms) => leastOf(pair, target, { ...steps, stepMs: ms / steps.perRound }) !== null);
  return finding('note', 'burn', says, everyMs === undefined ? null : `every: ${asWritten(everyMs)}`);
}

/** Seldom enough that one failure is beyond chance at the pair's rate; not seldom enough for whoever is woken. */
function oneIsEnough(pair: BurnPair, target: number, steps: Steps): Finding {
  const verb = pair.severity === 'page' ? 'pages' : 'makes a ticket';
  const what = steps.isByTime ? `bad ${steps.noun}` : steps.act === 'leak' ? 'leak' : 'failure';
  const aYear = falseAlarmsPerYear(pair, target, steps.stepMs);
  const says = `${nameOf(pair)}: ${atRate(steps)} one ${what} ${verb}, up to ${perYear(aYear)} with a service exactly at ${percent(target)}`;
  const needsTwo = (ms: number): boolean => (leastOf(pair, target, { ...steps, stepMs: ms / steps.perRound }) ?? 0) > 1;
  const everyMs = steps.isByTime ? undefined : shorterInterval(steps.everyMs, needsTwo);
  const lower = `a target of at most ${nearlyWhole(targetForTwo(pair, steps.stepMs), 'down')}`;
  return finding('problem', 'burn', says, everyMs === undefined ? lower : `every: ${asWritten(everyMs)}, or ${lower}`);
}

/** Up to this target one failure is not beyond chance: 1 - (1 - limit)^n = 1 % at the pair's limit. */
function targetForTwo({ longMs, factor }: BurnPair, stepMs: number): number {
  const n = stepsIn(longMs, stepMs);
  return 1 + Math.expm1(Math.log(0.99) / n) / factor;
}

function afterHowLong(pair: BurnPair, target: number, steps: Steps & { readonly least: number }): Finding {
  const { least, stepMs } = steps;
  const n = stepsIn(pair.longMs, stepMs);
  const act = pair.severity === 'page' ? 'pages' : 'makes a ticket';
  const byRatio = Math.floor(n * pair.factor * (1 - target) + 1e-9) + 1;
  const ratio = byRatio === 1 ? '; by the ratio alone, without a test, one failure would' : '';
  const soon = inWords(least * stepMs + steps.silentMs);
  const says = `${nameOf(pair)}: ${atRate(steps)} ${steps.worst} ${act} after ${soon}, ${least} of ${manyOf(steps, n)} have to ${steps.act}${ratio}`;
  return finding('fact', 'burn', says);
}

/** How often pages and tickets come although the service is as good as its target says. */
function wolf(pairs: readonly BurnPair[], target: number, steps: Steps): readonly Finding[] {
  // Steps of time are stale one after the other: nothing about them is independent.
  if (steps.silentMs > 0) return [];
  const told = timesOf(pairs, (pair) => falseAlarmsPerYear(pair, target, steps.stepMs), Number.POSITIVE_INFINITY);
  const says = `a service exactly at ${percent(target)} whose failures have nothing to do with each other makes ${told}`;
  const found = [finding('fact', 'wolf', says)];
  if (steps.inBurst <= 1) return found;
  const outagesPerYear = ((yearMs / steps.stepMs) * (1 - target)) / steps.inBurst;
  const inBursts = timesOf(
    pairs,
    (pair) => burstAlarmsPerYear(pair, target, steps.stepMs, steps.inBurst),
    outagesPerYear,
  );
  const outages = `one whose failures all come in outages of ${inWords(steps.inBurst * steps.stepMs)}, as long as stated`;
  return [...found, finding('fact', 'wolf', `${outages}, makes ${inBursts}`)];
}

/** Pairs of one severity are one alert: it begins with one of them, and with no more than `most` outages. */
function timesOf(pairs: readonly BurnPair[], perYearOf: (pair: BurnPair) => number, most: number): string {
  const of = (severity: BurnPair['severity']): readonly string[] => {
    const some = pairs.filter((pair) => pair.severity === severity);
    const sum = Math.min(
      most,
      some.reduce((all, pair) => all + perYearOf(pair), 0),
    );
    return some.length === 0 ? [] : [`a ${severity} at most ${perYear(sum)}`];
  };
  return [...of('page'), ...of('ticket')].join(', ');
}

/** `3.1 times a year`, `once in 100 years`. */
function perYear(times: number): string {
  const aYear = Number(times.toPrecision(2));
  if (aYear >= 1) return aYear === 1 ? 'once a year' : `${aYear} times a year`;
  const years = Number((1 / times).toPrecision(2));
  if (years > 1_000) return 'once in a thousand years';
  return years === 1 ? 'once a year' : `once in ${years} years`;
}
