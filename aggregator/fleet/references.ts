/**
 * What tells a broken vantage from a broken target: places that have nothing to do with the service. Agents ask them as
 * they ask everything else; of a vantage from which they answer too, not everything fails.
 */
import type { Assignment, Check } from '../../contract/check.ts';

/** No check of a scenario is called so: names begin with a letter or a digit. */
export const referencesName = '__references__';

export function isReference(name: string): boolean {
  return name === referencesName;
}

/** As often as the checks of the service, but others are not asked more often than this, nor so seldom that nobody knows. */
const leastEveryMs = 10_000;
const mostEveryMs = 60_000;
const timeoutMs = 5_000;
/** That there is an answer is what counts, even one that refuses. */
const anyAnswer = Array.from({ length: 300 }, (_, index) => 200 + index);

/** The assignment with a check for each of its references. */
export function withReferences(assignment: Assignment): Assignment {
  const { references, checks } = assignment;
  if (references.length === 0 || checks.length === 0) return assignment;
  const fastestMs = Math.min(...checks.map(({ everyMs }) => everyMs));
  const everyMs = Math.min(mostEveryMs, Math.max(leastEveryMs, fastestMs));
  return { ...assignment, checks: [...checks, ...references.map((url) => referenceCheck(url, everyMs))] };
}

function referenceCheck(url: string, everyMs: number): Check<'http'> {
  return {
    id: `${referencesName}/${url}`,
    name: referencesName,
    target: '',
    region: null,
    entry: null,
    vantages: null,
    everyMs,
    timeoutMs,
    kind: 'http',
    url,
    method: 'GET',
    headers: {},
    body: null,
    resolveWith: 'resolver',
    expect: { status: anyAnswer, headers: {}, bodyContains: [] },
    identity: { servedBy: null, storedIn: null },
  };
}
