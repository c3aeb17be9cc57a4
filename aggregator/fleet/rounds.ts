/** Gathers the results of a round from all vantages, until all are in or too late, and has them judged. */
import type { Outcome } from '../../contract/result.ts';
import type { Origin } from '../metrics/layout.ts';
import { type Asked, type Cell, type Judgement, judgeRound, type VantageFacts } from '../quorum.ts';
import type { SeriesKey } from '../slices/table.ts';
import type { CheckRow } from '../store/rows.ts';
import { isReference } from './references.ts';
import { notClear, type Unheard, unheardSince } from './unheard.ts';

export type RoundCell = Cell & {
  readonly checkId: string;
  readonly agent: string;
  /** The region that was asked, or that the name led to. */
  readonly ledTo: string;
  readonly loopDelayMs: number;
  /** It broke a residency rule. */
  readonly isLeak?: boolean;
  /** Where it is counted: its slice, and the labels of its series. */
  readonly placeMs: number;
  readonly slice: SeriesKey;
  readonly labels: readonly string[];
  /** Which result it is: of the exemplar that a bad one leaves. */
  readonly origin: Origin;
};
export type JudgedRound = {
  readonly check: string;
  readonly round: number;
  readonly cells: readonly RoundCell[];
  readonly judgement: Judgement;
  /** What was bad when it was heard last, and has not been heard since. */
  readonly unheard?: readonly Unheard[];
  /** Later it says nothing of how things are: a newer one should have been judged. */
  readonly currentToMs?: number;
};

export type Rounds = {
  /** The round as far as its results are in; good as long as it `isOpen`. */
  gathered(check: CheckRow, round: number): Gathered;
  /** Judges what is complete or overdue. */
  judge(nowMs: number): void;
  /** The newest judged round of each check, with all its results. */
  latest(): readonly JudgedRound[];
  forget(check: string): void;
};

export type RoundsDeps = {
  /** How many results the round of a check has, the longest that one may take, and how many vantages have to agree. */
  expected(check: string): { readonly results: number; readonly timeoutMs: number; readonly quorum?: number | null };
  /** What the check asks, in rounds that begin at that time. */
  asked(check: string, startMs: number): readonly Asked[];
  /** Those that make the check. */
  vantages(cells: readonly RoundCell[], nowMs: number, check: string): readonly VantageFacts[];
  /** `isNewest`: of its check, as far as is known. */
  onJudged(round: JudgedRound, isNewest: boolean): void;
};

export type Gathered = {
  readonly round: number;
  readonly everyMs: number;
  readonly byName: boolean;
  /** One of each check's id and agent: the last that came. */
  readonly cells: Map<string, RoundCell>;
  isOpen: boolean;
};

/** The key of a cell in its round. */
export function cellKey(checkId: string, agent: string): string {
  return `${checkId}\u0000${agent}`;
}

/** Beyond the interval and the time-out: for the way to here. */
const slackMs = 500;
/** Its own interval, in which its attempts are made, and three more. */
const currentRounds = 4;
/** For a machine that is busy, at checks every second. */
const currentSlackMs = 5_000;

export function rounds(deps: RoundsDeps): Rounds {
  const open = new Map<string, Map<number, Gathered>>();
  const latest = new Map<string, JudgedRound>();

  function close(check: string, round: number, gathered: Gathered, nowMs: number): void {
    gathered.isOpen = false;
    open.get(check)?.delete(round);
    const fresh = [...gathered.cells.values()];
    const known = latest.get(check);
    // Stragglers are judged with those of their round that were judged before them, and counted alone.
    const cells = known?.round === round ? lastOfEach([...known.cells, ...fresh]) : fresh;
    const { quorum = null, timeoutMs } = deps.expected(check);
    const asked = deps.asked(check, round * gathered.everyMs);
    const facts = { cells, asked, vantages: deps.vantages(cells, nowMs, check), byName: gathered.byName, quorum };
    const judged = isReference(check) ? blamingNobody(judgeRound(facts)) : judgeRound(facts);
    const unheard = unheardSince(known, { round, cells, judgement: judged });
    const isBlamed = judged.blame !== null && judged.blame !== 'inconclusive';
    const judgement = isBlamed ? judged : notClear(judged, unheard);
    // One agent whose clock is ahead does not speak for all: nobody else could have a word before that round comes.
    const isDue = (round - 1) * gathered.everyMs <= nowMs;
    const isNewest = isDue && (known?.round ?? -1) <= round;
    const currentToMs = (round + currentRounds) * gathered.everyMs + timeoutMs + currentSlackMs;
    if (isNewest) latest.set(check, { check, round, cells, judgement, unheard, currentToMs });
    deps.onJudged({ check, round, cells: fresh, judgement }, isNewest);
  }

  return {
    gathered(check, round) {
      const ofCheck = open.get(check.name) ?? new Map<number, Gathered>();
      open.set(check.name, ofCheck);
      const known = ofCheck.get(round);
      if (known !== undefined) return known;
      const fresh = { round, everyMs: check.everyMs, byName: check.region === null, cells: new Map(), isOpen: true };
      ofCheck.set(round, fresh);
      return fresh;
    },
    judge(nowMs) {
      for (const [check, ofCheck] of open) {
        const { results, timeoutMs } = deps.expected(check);
        for (const [round, gathered] of [...ofCheck].sort(([a], [b]) => a - b)) {
          const dueMs = (round + 2) * gathered.everyMs + timeoutMs + slackMs;
          const complete = results > 0 && gathered.cells.size >= results;
          if (complete || nowMs >= dueMs) close(check, round, gathered, nowMs);
        }
        if (ofCheck.size === 0) open.delete(check);
      }
    },
    latest: () => [...latest.values()],
    forget: (check) => latest.delete(check),
  };
}

/** A reference that fails is not ours to judge. */
function blamingNobody(judgement: Judgement): Judgement {
  const { blame } = judgement;
  return { ...judgement, blame: blame === null || blame === 'vantage' ? blame : 'inconclusive' };
}

/** An agent that sends a result of the same round again is taken at its last word. */
function lastOfEach(cells: readonly RoundCell[]): readonly RoundCell[] {
  return [...new Map(cells.map((cell) => [cellKey(cell.checkId, cell.agent), cell])).values()];
}

/** Vantage to region to outcome, as the API shows it; of two results in one field the worse. */
export function matrixOf(cells: readonly RoundCell[]): {
  readonly [vantage: string]: { readonly [region: string]: Outcome };
} {
  const rank = { good: 0, missing: 1, bad: 2 } as const;
  const matrix = new Map<string, Map<string, Outcome>>();
  for (const { vantage, ledTo, outcome } of cells) {
    const row = matrix.get(vantage) ?? new Map<string, Outcome>();
    matrix.set(vantage, row);
    const known = row.get(ledTo);
    if (known === undefined || rank[outcome] > rank[known]) row.set(ledTo, outcome);
  }
  return Object.fromEntries([...matrix].map(([vantage, row]) => [vantage, Object.fromEntries(row)]));
}
