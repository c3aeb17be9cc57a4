import type { ResultsQuery } from '../store/rows.ts';
import { isTime, yearsWanted } from './fields.ts';
import { badRequest } from './problem.ts';

const maxLimit = 10_000;
const defaultLimit = 1_000;

/** Reads one parameter of a query. */
export type Parameters = (name: string) => string | undefined;

export function readResultsQuery(parameter: Parameters): ResultsQuery {
  const limit = wholeNumber('limit', parameter('limit'));
  if (limit === 0) throw badRequest('limit: got 0, want 1 to 10,000', 'leave it out for 1,000');
  return {
    check: parameter('check') ?? null,
    burst: parameter('burst') ?? null,
    sinceMs: readTime('since', parameter('since')),
    beforeId: wholeNumber('before', parameter('before')),
    limit: Math.min(limit ?? defaultLimit, maxLimit),
  };
}

/** Epoch milliseconds, or a date; `null` when it is not there. Far from the present it is refused. */
export function readTime(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  const atMs = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Date.parse(value);
  if (isTime(atMs)) return atMs;
  throw badRequest(
    `${name}: got ${JSON.stringify(value)}, want epoch milliseconds or a date, ${yearsWanted}`,
    'for example 1763689200000',
  );
}

/** `?scope=own`: of this aggregator alone, where it would ask an engine for what spans several. */
export function isOwnOnly(scope: string | undefined): boolean {
  if (scope === undefined || scope === 'all') return false;
  if (scope !== 'own') throw badRequest(`scope: got ${JSON.stringify(scope)}, want own or all`, 'leave it out for all');
  return true;
}

function wholeNumber(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw badRequest(`${name}: got ${JSON.stringify(value)}, want a whole number`, 'for example 1000');
}
