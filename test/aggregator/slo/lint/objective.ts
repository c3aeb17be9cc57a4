/** Findings on an objective, as a test reads them. */

import type { Finding } from '../../../../aggregator/slo/lint/finding.ts';
import { findingsOn } from '../../../../aggregator/slo/lint.ts';
import type { Objective } from '../../../../contract/objective.ts';
import { availability, dayMs } from '../world.ts';

export const secondMs = 1_000;
export const minuteMs = 60_000;

/** An availability objective over 30 days, unless said otherwise. */
export function objective(target: number, over: Partial<Objective> = {}): Objective {
  return { ...availability, indicator: { kind: 'availability', target }, windowMs: 30 * dayMs, ...over };
}

export function findings(of: Objective, everyMs: number, perRound = 1): readonly Finding[] {
  return findingsOn(of, { everyMs, perRound }, Date.parse('2026-11-22T00:00:00Z'));
}

/** All sentences, each with what to do about it. */
export function said(of: Objective, everyMs: number, perRound = 1): string {
  return findings(of, everyMs, perRound)
    .map(({ level, says, remedy }) => `${level}: ${says}${remedy === null ? '' : ` -> ${remedy}`}`)
    .join('\n');
}
