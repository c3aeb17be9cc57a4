/** An incident many times over: each time it begins at another moment of a round, and chance falls another way. */
import type { Objective } from '../../../contract/objective.ts';
import { seededRandom } from '../../../contract/random.ts';
import { periodAt } from '../../../contract/slo/calendar.ts';
import { sliceWidthMs } from '../../../contract/slo/spans.ts';
import { ratioInterval } from '../../../contract/statistics.ts';
import type { Status } from '../../../contract/verdict.ts';
import { type BurnPair, burnPairs } from '../burn.ts';
import type { Incident, Probed } from './incident.ts';
import { type Play, type Played, play } from './play.ts';
import { stageOf } from './stage.ts';

/** Over the runs: the middle, and what nine of ten lie between. */
export type Spread = { readonly p5: number; readonly p50: number; readonly p95: number };

export type PairRehearsed = {
  readonly pair: BurnPair;
  /**
   * The share of runs in which it fired, and the 95 % interval of what it would be over ever more of them. Where nothing
   * is left to chance but the moment within a round, it is known to one run.
   */
  readonly chance: number;
  readonly chanceInterval: readonly [number, number];
  /** After the incident's beginning, of the runs in which it fired; `null` of none. */
  readonly firesAfterMs: Spread | null;
  /** After the incident's end. Before it: below 0. */
  readonly clearsAfterMs: Spread | null;
};

export type Rehearsal = {
  readonly runs: number;
  /** Results that failed. */
  readonly failed: Spread;
  readonly pairs: readonly PairRehearsed[];
  /** Shares of the window's budget, when all results of its time are in. */
  readonly spent: Spread;
  readonly left: Spread;
  /** What the verdict is then: shares of the runs. */
  readonly verdicts: { readonly [S in Status]: number };
  /** The verdict's sentence in the run whose budget is the middle one. */
  readonly because: string;
};

export type Asked = {
  readonly objective: Objective;
  readonly probed: Probed;
  readonly vantages: number;
  readonly incident: Incident;
  readonly runs: number;
  readonly seed: number;
};

const hourMs = 3_600_000;
/** Any day: nothing depends on which, but months differ in length, and this one has 30 days. */
const someDayMs = Date.parse('2026-06-15T00:00:00Z');
/** Attempts and slices of all runs together: some seconds. Longer incidents are played less often, and leave less to chance. */
const maxSteps = 400_000;
const leastRuns = 10;

/** `null` of objectives that attempts which fail do not touch: quantiles, residency, and what is counted in drills. */
export function rehearse(asked: Asked): Rehearsal | null {
  const { objective, probed, incident, vantages, seed } = asked;
  const { indicator } = objective;
  if ('targetMs' in indicator || indicator.kind === 'failover' || indicator.kind === 'residency') return null;
  const afterMs = Math.max(0, ...burnPairs(objective.windowMs).map(({ shortMs }) => shortMs)) + 2 * probed.everyMs;
  const startMs = startOf(objective, incident.forMs + afterMs);
  const endMs = startMs + incident.forMs + afterMs + probed.everyMs + hourMs;
  const stage = stageOf(objective, probed, startMs, endMs);
  const of: Play = { objective, target: indicator.target, probed, incident, vantages, endMs };
  const random = seededRandom(seed);
  const runs = runsOf(asked);
  const played = Array.from({ length: runs }, (_, run) => {
    // Spread evenly over a round: without chance in what fails the runs then differ by nothing else.
    const within = (run + (isCertain(incident) ? 0.5 : random())) / runs;
    return play(stage, of, startMs + within * probed.everyMs, random);
  });
  return summedUp(played, incident);
}

function runsOf({ probed, incident, runs }: Asked): number {
  const attempts = (incident.forMs / probed.everyMs + 1) * Math.max(1, probed.streams.length);
  const steps = attempts + incident.forMs / sliceWidthMs;
  return Math.max(Math.min(leastRuns, runs), Math.min(runs, Math.floor(maxSteps / steps)));
}

/** A whole window lies before it; of a calendar, the incident and what comes of it is the end of the period. */
function startOf({ calendar }: Objective, lastsMs: number): number {
  if (calendar === undefined) return someDayMs;
  const { fromMs, toMs } = periodAt(calendar, someDayMs);
  return Math.max(Math.ceil(fromMs / hourMs), Math.floor((toMs - lastsMs) / hourMs) - 2) * hourMs;
}

function isCertain({ rate }: Incident): boolean {
  return rate >= 1;
}

function chanceInterval(fired: number, runs: number, incident: Incident): readonly [number, number] {
  if (!isCertain(incident)) return ratioInterval(fired, runs, 0.05);
  return fired === 0 || fired === runs
    ? [fired / runs, fired / runs]
    : [(fired - 1) / runs, Math.min(1, (fired + 1) / runs)];
}

function summedUp(played: readonly Played[], incident: Incident): Rehearsal {
  const runs = played.length;
  const middle = [...played].sort((a, b) => spentIn(a) - spentIn(b))[Math.floor((runs - 1) / 2)];
  const share = (status: Status): number => played.filter(({ verdict }) => verdict.status === status).length / runs;
  return {
    runs,
    failed: spreadOf(played.map(({ failed }) => failed)),
    pairs: (played[0]?.pairs ?? []).map(({ pair }, index) => {
      const fired = played.flatMap(({ fromMs, pairs }) => {
        const { firedAtMs = null, clearedAtMs = null } = pairs[index] ?? {};
        return firedAtMs === null ? [] : [{ fromMs, firedAtMs, clearedAtMs }];
      });
      const cleared = fired.flatMap(({ fromMs, clearedAtMs }) =>
        clearedAtMs === null ? [] : [clearedAtMs - fromMs - incident.forMs],
      );
      return {
        pair,
        chance: fired.length / runs,
        chanceInterval: chanceInterval(fired.length, runs, incident),
        firesAfterMs: fired.length === 0 ? null : spreadOf(fired.map(({ fromMs, firedAtMs }) => firedAtMs - fromMs)),
        clearsAfterMs: cleared.length === 0 ? null : spreadOf(cleared),
      };
    }),
    spent: spreadOf(played.map(spentIn)),
    left: spreadOf(played.map((one) => 1 - spentIn(one))),
    verdicts: { pass: share('pass'), fail: share('fail'), inconclusive: share('inconclusive') },
    because: middle?.verdict.because ?? '',
  };
}

function spentIn({ budget }: Played): number {
  return budget?.spent ?? 0;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return { p5: at(0.05), p50: at(0.5), p95: at(0.95) };
}
