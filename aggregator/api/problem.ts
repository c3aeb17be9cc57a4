import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ApiError } from '../../contract/api.ts';

/** A request that is answered with an error: what is wrong, and what would be right. */
export class Problem extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly hint: string;
  constructor(status: ContentfulStatusCode, code: string, message: string, hint: string) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

export function answerProblem(context: Context, problem: Problem): Response {
  const { code, message, hint } = problem;
  return context.json({ error: { code, message, hint } } satisfies ApiError, problem.status);
}

export function notFound(what: string, hint: string): Problem {
  return new Problem(404, 'not-found', `no ${what}`, hint);
}

export function badRequest(message: string, hint: string): Problem {
  return new Problem(400, 'bad-request', message, hint);
}
