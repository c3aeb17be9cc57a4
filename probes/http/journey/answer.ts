/** An answer as a journey sees it, whichever version of HTTP it came in. */
import type { Failure } from '../../prober.ts';
import type { Keeper } from '../body.ts';

export type AnswerHead = {
  readonly status: number;
  readonly version: '1.0' | '1.1' | '2';
  /** Names in lower case; each header's values as they came. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** -1: not known before its end. */
  readonly contentLength: number;
};

/** Who takes the body of this answer; `stop` where nobody does, and the answer is over with its head. */
export type Taker = (head: AnswerHead) => Keeper | 'stop';

/** The head is there as soon as it came, also when what followed it failed. */
export type Exchanged = { readonly head: AnswerHead | null; readonly failure: Failure | null };

export type Message = {
  readonly method: string;
  /** Canonical names; without those that frame the message. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | null;
  /** `host:port` or `host`, for `Host` and `:authority`. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** Path and query; or whole, for a proxy; or `host:port` for CONNECT. */
  readonly path: string;
};

export function valuesOf(fields: readonly (readonly [name: string, value: string])[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
}

/** Whether a request without a body has to say so. */
export function saysLength(message: Pick<Message, 'method' | 'body'>): boolean {
  return message.body !== null || ['POST', 'PUT', 'PATCH'].includes(message.method);
}
