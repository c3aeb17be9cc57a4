/** How fast budgets burn now: what alerts and the rules of Prometheus are made from, by the same sums. */
import type { Objective } from '../../contract/objective.ts';
import type { Span } from '../../contract/slo/spans.ts';
import { plus, type Tally, tallied } from './account.ts';
import type { Entry } from './book.ts';
import { type Burning, burning, burnPairs } from './burn.ts';
import type { Ledger } from './ledger.ts';
import { budgetTarget, chargesDrills, spentIn } from './spent.ts';
import { windowAt } from './window.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The windows of all pairs, named as Prometheus names them. */
export const burnWindows = [
  { name: '5m', windowMs: 5 * minuteMs },
  { name: '30m', windowMs: 30 * minuteMs },
  { name: '1h', windowMs: hourMs },
  { name: '2h', windowMs: 2 * hourMs },
  { name: '6h', windowMs: 6 * hourMs },
  { name: '1d', windowMs: dayMs },
  { name: '3d', windowMs: 3 * dayMs },
] as const;

/** The objective's own, however long. */
export const wholeWindow = 'whole';

export type Burns = {
  readonly objective: Objective;
  readonly target: number;
  /** Of the budget of the whole window, as the verdict has it. */
  readonly left: number;
  /** Those of the pairs, and the whole one. */
  readonly windows: readonly { readonly name: string; readonly tally: Tally }[];
  readonly pairs: readonly Burning[];
};

/** What of the ledger's lines the budget is charged with. */
export function chargedOver(objective: Objective, ledger: Ledger, span: Span): Tally | undefined {
  const lines = ledger.lines(span);
  if (lines === undefined) return undefined;
  return tallied(chargesDrills(objective) ? plus(lines.own, lines.drills) : lines.own, objective.missing ?? 'exclude');
}

/** As of `atMs`. `undefined` of what has no budget. */
export function burnsOf({ objective, ledger }: Entry, atMs: number): Burns | undefined {
  const target = budgetTarget(objective);
  if (target === null) return undefined;
  const over = (span: Span): Tally => chargedOver(objective, ledger, span) ?? { good: 0, unsure: 0, n: 0 };
  const windows = burnWindows.map((window) => ({
    ...window,
    tally: over({ fromMs: atMs - window.windowMs, toMs: atMs }),
  }));
  // Each is a window of a pair: it is added up once.
  const known = new Map<number, Tally>(windows.map(({ windowMs, tally }) => [windowMs, tally]));
  const again = (span: Span): Tally => known.get(span.toMs - span.fromMs) ?? over(span);
  const window = windowAt(objective, atMs);
  return {
    objective,
    target,
    left: spentIn(objective, ledger, window, atMs)?.left ?? 1,
    windows: [
      ...windows.map(({ name, tally }) => ({ name, tally })),
      { name: wholeWindow, tally: over({ fromMs: window.fromMs, toMs: atMs }) },
    ],
    pairs: burnPairs(objective.windowMs).map((pair) => burning(pair, target, again, atMs)),
  };
}
