import type { Objective } from '../../contract/objective.ts';
import { periodAt } from '../../contract/slo/calendar.ts';
import type { Span } from '../../contract/slo/spans.ts';

/** What an objective looks at, at a moment. `toMs` is when it ends; the moment lies in it, or is its end. */
export function windowAt({ windowMs, calendar }: Pick<Objective, 'windowMs' | 'calendar'>, atMs: number): Span {
  return calendar === undefined ? { fromMs: atMs - windowMs, toMs: atMs } : periodAt(calendar, atMs);
}
