/** A merged hour minute by minute, as far as its slices know: for slices of time, which are no wider than an hour. */
import type { Indicator } from '../../contract/objective.ts';
import { isWhole, minuteMs, type Part, type Spread, spreadRead, underInPart } from '../slices/spread.ts';
import { type Cell, type Events, type Found, residencyOf, type Where, withinLimit } from './cells.ts';

type Known = { readonly spread: Spread; readonly asked: boolean };

/** `undefined` where one of the slices does not know its minutes, or not on which side of the limit they were. */
export function partsOf(found: readonly Found[], where: Where, indicator: Indicator): readonly Cell[] | undefined {
  const known: Known[] = [];
  for (const { slice, asked } of found) {
    const spread = spreadRead(slice);
    if (spread === null || !isWhole(spread, slice)) return undefined;
    if (indicator.kind === 'latency-under' && !spread.limitsMs.includes(indicator.limitMs)) return undefined;
    known.push({ spread, asked });
  }
  const cells: Cell[] = [];
  for (let minute = 0; minute < where.widthMs / minuteMs; minute += 1) {
    const cell = cellAt(known, minute, where, indicator);
    if (cell.good + cell.bad + cell.unsure + cell.missing > 0) cells.push(cell);
  }
  return cells;
}

function cellAt(known: readonly Known[], minute: number, { atMs, region }: Where, indicator: Indicator): Cell {
  const atMinuteMs = atMs + minute * minuteMs;
  const cell: Cell = { atMs: atMinuteMs, widthMs: minuteMs, good: 0, bad: 0, unsure: 0, missing: 0, isPart: true };
  for (const { spread, asked } of known) {
    if (asked) cell.missing += spread.missing[minute] ?? 0;
    for (const [name, parts] of spread.regions) {
      const part = parts[minute];
      if (part === undefined || (region !== null && name !== region)) continue;
      const events = eventsOf(spread, part, indicator);
      cell.good += events.good;
      cell.bad += events.bad;
      cell.unsure += events.unsure;
      cell.missing += events.missing ?? 0;
    }
  }
  return cell;
}

function eventsOf(spread: Spread, part: Part, indicator: Indicator): Events {
  const [good = 0, bad = 0, leaks = 0] = part;
  if (indicator.kind === 'residency') return residencyOf({ good, bad, leaks });
  if (indicator.kind !== 'latency-under') return { good, bad, unsure: 0 };
  return withinLimit({ good, bad }, underInPart(spread, part, indicator.limitMs) ?? [0, good]);
}
