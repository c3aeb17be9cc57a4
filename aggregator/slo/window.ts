import type { Objective } from '../../contract/objective.ts';
import { periodAt } from '../../contract/slo/calendar.ts';
import type { Span } from '../../contract/slo/spans.ts';
import { formatMs } from '../../contract/units.ts';
import { widestSliceMs } from '../slices/tiers.ts';

/** What an objective looks at, at a moment. `toMs` is when it ends; the moment lies in it, or is its end. */
export function windowAt({ windowMs, calendar }: Pick<Objective, 'windowMs' | 'calendar'>, atMs: number): Span {
  return calendar === undefined ? { fromMs: atMs - windowMs, toMs: atMs } : periodAt(calendar, atMs);
}

/**
 * That the window up to `atMs` begins before what is kept, in one phrase; `null`: all of it is kept. A slice that reaches
 * over its beginning counts, and is forgotten when that is: so the beginning is that of the widest that could.
 */
export function toldForgotten(objective: Objective, atMs: number, keptFromMs: number): string | null {
  const { fromMs } = windowAt(objective, atMs);
  const widestMs = Math.max(widestSliceMs, objective.timeSlices?.sliceMs ?? 0);
  const startMs = Math.floor(fromMs / widestMs) * widestMs;
  if (startMs >= keptFromMs) return null;
  const goneMs = Math.min(keptFromMs, atMs) - startMs;
  return `the first ${formatMs(goneMs)} of its window are not kept any more, and the rest says nothing of the whole`;
}
