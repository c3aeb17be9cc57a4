import type { Clock } from '../../contract/clock.ts';
import { DeadlineExceeded, within } from '../../contract/deadline.ts';
import { isObject } from '../../contract/json.ts';
import { sentenceOf, Trouble, type TroubleKind } from '../trouble.ts';

const callLimitMs = 10_000;

export type Http = {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  post(path: string, body: object, signal: AbortSignal): Promise<void>;
};

/** It answered, with another status than one of success. */
export class Refused extends Trouble {
  readonly status: number;
  constructor(kind: TroubleKind, message: string, status: number) {
    super(kind, message);
    this.name = 'Refused';
    this.status = status;
  }
}

/** JSON over HTTP to one aggregator. */
export function http(url: URL, token: string | null, clock: Clock): Http {
  const name = `aggregator ${url.origin}`;
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };

  async function call(path: string, init: RequestInit, signal: AbortSignal): Promise<unknown> {
    try {
      return await within(clock, callLimitMs, signal, async (inner) => {
        const answer = await fetch(new URL(path, url), { ...init, signal: inner });
        const text = await answer.text();
        // What was asked for in particular says nothing to whoever reads the sentence.
        const [page = path] = path.split('?');
        if (!answer.ok) throw refusal(name, page, answer.status, text);
        return text === '' ? null : parsed(text, name, page);
      });
    } catch (error) {
      if (error instanceof Trouble) throw error;
      if (signal.aborted) throw signal.reason;
      if (error instanceof DeadlineExceeded) {
        throw new Trouble('unreachable', `${name} gave no answer within ${callLimitMs / 1_000} s`, { cause: error });
      }
      throw new Trouble('unreachable', `${name} cannot be reached: ${causeOf(error)}`, { cause: error });
    }
  }

  return {
    async get<T>(path: string, signal: AbortSignal) {
      return (await call(path, { headers }, signal)) as T;
    },
    async post(path, body, signal) {
      const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } };
      await call(path, { ...init, body: JSON.stringify(body) }, signal);
    },
  };
}

const kinds: Readonly<Record<number, TroubleKind>> = { 401: 'wrong-input', 403: 'wrong-input', 404: 'rejected' };

function refusal(name: string, path: string, status: number, text: string): Trouble {
  const kind = kinds[status] ?? (status >= 500 ? 'unreachable' : 'rejected');
  if (status === 401 || status === 403) {
    return new Refused(
      kind,
      `${name} does not accept the token (${status}): give its write token with --token-file`,
      status,
    );
  }
  return new Refused(kind, `${name} answered ${status} to ${path}: ${messageOf(text)}`, status);
}

function messageOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
    if (typeof error['message'] === 'string') return error['message'];
  } catch {
    // Not an answer of an aggregator; its beginning says what it is.
  }
  return text.slice(0, 120);
}

function parsed(text: string, name: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Trouble('rejected', `${name} did not answer JSON to ${path}: ${text.slice(0, 60)}`, { cause: error });
  }
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? sentenceOf(error.cause) : sentenceOf(error);
}
