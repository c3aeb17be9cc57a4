/**
 * Something outside could not be reached, or turned us away: one sentence that names it, what it said and what would
 * help. Not a bug of ours, and no verdict on the target. The command line exits with 3.
 */
export class Unreachable extends Error {
  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'Unreachable';
  }
}

/** The text of whatever was thrown, causes included: `fetch failed: connect ECONNREFUSED 127.0.0.1:1`. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === '' ? error.name : error.message;
  if (error instanceof AggregateError && error.errors.length > 0) return `${own}: ${messageOf(error.errors[0])}`;
  return error.cause === undefined ? own : `${own}: ${messageOf(error.cause)}`;
}

/** Node's code of a system error (`ECONNREFUSED`), also where it is the cause of another. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : codeOf(error.cause);
}
