/** What an objective counts, and how often at the rate at which it is probed. */
import type { Objective } from '../../../contract/objective.ts';
import { sliceWidthMs } from '../../../contract/slo/spans.ts';
import { evenEffect, samplesInBurst, slicesInBurst } from '../../../contract/statistics.ts';
import { inWords, rateInWords, windowOf } from './words.ts';

/** How often its check is made, over all vantages and targets that count. */
export type Probing = { readonly everyMs: number; readonly perRound: number };

export type Steps = Probing & {
  /** From one that counts to the next, in the mean. */
  readonly stepMs: number;
  /** `probe`, `slice of a minute`. */
  readonly noun: string;
  readonly isByTime: boolean;
  /** The worst that can happen, and what a bad one does: `a total outage`, `fail`. */
  readonly worst: string;
  readonly act: string;
  /** How long after the last good result the first bad one counts. */
  readonly silentMs: number;
  /** `one probe a minute`. */
  readonly rate: string;
  /** Of the window: what it usually comes to, what it is called, and how many count in it. */
  readonly windowMs: number;
  readonly window: string;
  readonly n: number;
  /** So many count as one for the interval: as in verdicts, at an even rate. */
  readonly effect: number;
  /** So many a burst of the longest can spoil, in the mean. */
  readonly inBurst: number;
};

export function stepsOf(objective: Objective, { everyMs, perRound }: Probing): Steps {
  const { timeSlices, burstMs, indicator } = objective;
  const isByTime = timeSlices !== undefined || indicator.kind === 'freshness';
  const widthMs = timeSlices?.sliceMs ?? sliceWidthMs;
  // Rounds are the same at all vantages: all results of one lie in one slice.
  const stepMs = !isByTime ? everyMs / perRound : timeSlices === undefined ? widthMs : Math.max(widthMs, everyMs);
  const { usualMs: windowMs, called: window } = windowOf(objective);
  const n = stepsIn(windowMs, stepMs);
  const [effect, inBurst] =
    burstMs === undefined
      ? [1, 1]
      : isByTime
        ? [slicesInBurst(burstMs, widthMs), slicesInBurst(burstMs, widthMs)]
        : [evenEffect(burstMs, everyMs, perRound), samplesInBurst(burstMs, n, windowMs)];
  const most = Math.max(1, n);
  return {
    everyMs,
    perRound,
    stepMs,
    noun: isByTime ? `slice of ${inWords(widthMs)}` : 'probe',
    isByTime,
    // An attempt that fails shows nothing of where data is.
    worst: indicator.kind === 'residency' ? 'a leak in every answer' : 'a total outage',
    act: isByTime ? 'be bad' : indicator.kind === 'residency' ? 'leak' : 'fail',
    silentMs: indicator.kind === 'freshness' ? indicator.limitMs : 0,
    rate: rateInWords(everyMs, perRound),
    windowMs,
    window,
    n,
    effect: Math.min(most, effect),
    inBurst: Math.min(most, inBurst),
  };
}

/** How many whole steps a stretch of time has: a third of a minute goes three times into a minute, in binary too. */
export function stepsIn(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs + 1e-9);
}

/** `1,440 probes`, `1,440 slices of a minute`. */
export function manyOf({ noun }: Pick<Steps, 'noun'>, count: number): string {
  const [first = '', ...rest] = noun.split(' ');
  return [count.toLocaleString('en-US'), count === 1 ? first : `${first}s`, ...rest].join(' ');
}
