/** Verdicts for people. */
import type { ExplainedAnswer, ListedVerdict, ObjectiveSlice, Spending } from '../../contract/api.ts';
import { formatMs, formatRatio } from '../../contract/units.ts';
import type { Status } from '../../contract/verdict.ts';
import { type Paint, table } from '../table.ts';

const rank: Readonly<Record<Status, number>> = { fail: 0, inconclusive: 1, pass: 2 };
const styles = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;

export function worstFirst<V extends { readonly status: Status; readonly id: string }>(
  verdicts: readonly V[],
): readonly V[] {
  return [...verdicts].sort((a, b) => rank[a.status] - rank[b.status] || (a.id < b.id ? -1 : 1));
}

/** One line each, worst first, and below it why where it does not pass. */
export function verdictTable(verdicts: readonly ListedVerdict[], paint: Paint): string {
  const ordered = worstFirst(verdicts);
  const head = ['objective', 'measured', 'want', 'samples', 'missing'];
  const cells = ordered.map((verdict) => [
    verdict.id,
    shownValue(verdict.measured, verdict.indicator),
    `${isDuration(verdict.indicator) ? '≤' : '≥'} ${shownValue(verdict.target, verdict.indicator)}`,
    String(verdict.n),
    String(verdict.missing),
  ]);
  const [headLine = '', ...lines] = table([head, ...cells]).split('\n');
  const told = ordered.map(({ status, because }, index) => {
    const line = `${paint(status.padEnd(statusWidth), styles[status])}  ${lines[index]}`;
    return status === 'pass' ? line : `${line}\n${' '.repeat(statusWidth + 2)}${because}`;
  });
  return [`${'status'.padEnd(statusWidth)}  ${headLine}`, ...told].join('\n');
}

const statusWidth = 'inconclusive'.length;

export function isDuration(indicator: ListedVerdict['indicator']): boolean {
  return indicator === 'latency' || indicator === 'replication-lag';
}

function shownValue(value: number | null, indicator: ListedVerdict['indicator']): string {
  if (value === null) return '-';
  return isDuration(indicator) ? formatMs(value) : formatRatio(value);
}

/** Why: the sentence, the window, the budget, and the slices. */
export function explained(answer: ExplainedAnswer, paint: Paint): string {
  const { id, status, because, window, slices, budget, final } = answer;
  const lines = [
    `${id}  ${paint(status, styles[status])}${final ? '' : ' so far'}`,
    `  ${because}`,
    `  window ${utc(window.fromMs)} to ${utc(window.toMs)}, ${formatMs(window.toMs - window.fromMs)}`,
    ...(budget ? budgetLines(budget) : []),
    ...sliceLines(slices, window),
  ];
  return lines.join('\n');
}

export function utc(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

function budgetLines({ allowedMs, spent, spentByDrills, left, exhaustedIn, burns }: Spending): readonly string[] {
  const { atThisRateMs } = exhaustedIn;
  const gone =
    left <= 0
      ? 'it is gone'
      : atThisRateMs === null
        ? 'nothing burns it now'
        : `gone in ${formatMs(atThisRateMs)} at the rate of the last hour`;
  const drills = spentByDrills > 0 ? `, drills ${formatRatio(spentByDrills)}` : '';
  return [
    `  budget ${formatMs(allowedMs)}: ${formatRatio(spent)} spent${drills}, ${formatRatio(left)} left; ${gone}`,
    ...burns
      .filter(({ state }) => state !== 'quiet')
      .map(
        ({ severity, factor, longMs, state }) =>
          `  ${severity} at ${Number(factor.toFixed(2))} times over ${formatMs(longMs)}: ${state}`,
      ),
  ];
}

const stripCells = 60;
const mostSlices = 12;

function sliceLines(slices: readonly ObjectiveSlice[], window: ExplainedAnswer['window']): readonly string[] {
  if (slices.length === 0) return ['  no slices in the window'];
  const odd = slices.filter(({ bad, missing }) => bad + missing > 0);
  const shown = odd.slice(-mostSlices).reverse();
  const rows = shown.map(({ atMs, widthMs, good, bad, missing }) => [
    `    ${utc(atMs)}`,
    formatMs(widthMs),
    `good ${good}`,
    `bad ${bad}`,
    `missing ${missing}`,
  ]);
  const quiet = `${slices.length - odd.length} of ${slices.length} slices have nothing bad and nothing missing`;
  return [
    `  ${strip(slices, window)}  · good  ! bad  ? missing`,
    `  ${quiet}${odd.length > shown.length ? `; the newest ${shown.length} of the others` : odd.length > 0 ? '; the others' : ''}`,
    ...(rows.length === 0 ? [] : [table(rows)]),
  ];
}

/** The window in so many cells, oldest first; the worst of what a cell has is shown. */
function strip(slices: readonly ObjectiveSlice[], { fromMs, toMs }: ExplainedAnswer['window']): string {
  const cells = Array.from({ length: stripCells }, () => ' ');
  const cellMs = (toMs - fromMs) / stripCells;
  const order = [' ', '·', '?', '!'];
  for (const { atMs, widthMs, good, bad, missing } of slices) {
    const mark = bad > 0 ? '!' : missing > 0 ? '?' : good > 0 ? '·' : ' ';
    const first = Math.max(0, Math.floor((atMs - fromMs) / cellMs));
    const last = Math.min(stripCells - 1, Math.ceil((atMs + widthMs - fromMs) / cellMs) - 1);
    for (let cell = first; cell <= last; cell += 1) {
      if (order.indexOf(mark) > order.indexOf(cells[cell] ?? ' ')) cells[cell] = mark;
    }
  }
  return cells.join('');
}
