/** One request of a drill's canaries, bounded in time, with its token. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import { messageOf } from '../../contract/failure.ts';
import type { SecretReference } from '../../contract/secret.ts';
import type { CanaryRequest } from '../../scenarios/scenario.ts';
import { type CanaryBook, callOf, type Filled } from './book.ts';
import { type CanaryHttp, type CanaryReply, canaryHttp } from './http.ts';

/** What canaries are written, read and erased with. */
export type CanaryDeps = {
  readonly clock: Clock;
  readonly http: CanaryHttp;
  /** Throws where the secret is not there. */
  readonly secret: (reference: SecretReference) => string;
};

/** How a program reaches what it writes to. */
export type CanaryAccess = {
  /** `servers`: who answers for names. */
  readonly http: (servers: readonly string[]) => CanaryHttp;
  readonly secret: CanaryDeps['secret'];
};

/** Over real connections. Only commands read the environment. */
const directly: CanaryAccess = {
  http: canaryHttp,
  secret(reference) {
    if ('file' in reference) return readFileSync(reference.file, 'utf8').trim();
    throw new Error(`the variable ${reference.env} is not read here`);
  },
};

export function canaryDeps(book: CanaryBook, access: CanaryAccess | undefined, clock: Clock): CanaryDeps {
  const { http, secret } = access ?? directly;
  return { clock, http: http(book.servers), secret };
}

export type Asked = CanaryReply | { readonly failed: string };

/** Never rejects: what went wrong is told in one sentence. Aborts after the plan's time for one request. */
export async function ask(
  book: CanaryBook,
  request: CanaryRequest,
  to: { readonly place: string } & Filled,
  { clock, http, secret }: CanaryDeps,
): Promise<Asked> {
  try {
    const call = callOf(book, request, to.place, to);
    const authorization = request.token === null ? {} : { authorization: `Bearer ${secret(request.token)}` };
    const whole = { ...call, headers: { ...call.headers, ...authorization } };
    return await within(clock, book.plan.timeoutMs, undefined, (signal) => http(whole, signal));
  } catch (error) {
    return { failed: messageOf(error) };
  }
}
