import { Agent as PlainAgent } from 'node:http';
import { type RequestOptions, Agent as TlsAgent } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Clock, sleep } from '../../../contract/clock.ts';
import { DeadlineExceeded, within } from '../../../contract/deadline.ts';
import { sentenceOf, Trouble } from '../../trouble.ts';
import { type ApiAnswer, eachLine, opened, StaleConnection, wholeAnswer } from './exchange.ts';

export type { ApiAnswer } from './exchange.ts';

/** An API server that answers at all answers much sooner. */
const callLimitMs = 10_000;

export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
};

export type Transport = {
  /**
   * Resolves for every answer of the API server. Rejects with a `Trouble` when there is none within 10 s. A server that
   * is too busy (429) has done nothing: it is asked again after the time that it names, within the same 10 s.
   */
  send(request: ApiRequest, signal: AbortSignal): Promise<ApiAnswer>;
  /**
   * Calls `onLine` with each object of an answer that goes on. `null` once the server has ended it in order, which it
   * must within `limitMs`; the whole answer where it is a refusal.
   */
  follow(path: string, limitMs: number, onLine: OnLine, signal: AbortSignal): Promise<ApiAnswer | null>;
  close(): void;
};

export type OnLine = (line: ApiAnswer['body']) => void;

/**
 * Objects travel as they are: the client's typed models would drop fields they do not know, and its requests open a
 * connection each. Credentials and TLS come from the client's kubeconfig, asked anew for each call: tokens expire.
 */
export function transport(config: KubeConfig, clock: Clock): Transport {
  const server = new URL(config.getCurrentCluster()?.server ?? 'https://localhost');
  const name = `API server of ${config.getCurrentContext()} at ${server.host}`;
  const isTls = server.protocol === 'https:';
  let agent: PlainAgent | TlsAgent | undefined;

  async function optionsFor({ method, path, contentType }: ApiRequest): Promise<RequestOptions> {
    const applied: RequestOptions = {};
    await config.applyToHTTPSOptions(applied);
    const { ca, cert, key, rejectUnauthorized, servername, headers, auth } = applied;
    agent ??= agentOf(config, applied, isTls);
    return {
      method,
      host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: server.port === '' ? (isTls ? 443 : 80) : server.port,
      path: `${server.pathname.replace(/\/$/, '')}${path}`,
      agent,
      ...(auth === undefined || auth === null ? {} : { auth }),
      headers: { accept: 'application/json', 'content-type': contentType ?? 'application/json', ...headers },
      ...defined({ ca, cert, key, rejectUnauthorized, servername }),
    };
  }

  /** Bounds a request, and says in one sentence what became of one that was not answered. */
  async function bounded<T>(
    limitMs: number,
    signal: AbortSignal,
    work: (inner: AbortSignal, onConnected: () => void) => Promise<T>,
  ): Promise<T> {
    let isConnected = false;
    const onConnected = (): void => {
      isConnected = true;
    };
    try {
      return await within(clock, limitMs, signal, (inner) => work(inner, onConnected));
    } catch (error) {
      if (error instanceof Trouble) throw error;
      if (error instanceof DeadlineExceeded) {
        const how = isConnected ? 'accepted the connection and gave no answer' : 'gave no answer';
        throw new Trouble('unreachable', `${name} ${how} within ${limitMs / 1_000} s`, { cause: error });
      }
      if (signal.aborted) throw signal.reason;
      throw new Trouble('unreachable', `${name} cannot be reached: ${sentenceOf(error)}`, { cause: error });
    }
  }

  async function once(request: ApiRequest, signal: AbortSignal, onConnected: () => void): Promise<ApiAnswer> {
    const options = await orAborted(optionsFor(request), signal);
    const outgoing = { isTls, options, body: request.body, onConnected };
    try {
      return await wholeAnswer(await opened(outgoing, signal), signal);
    } catch (error) {
      // Whether a write arrived before the connection went is not known, and not ours to guess.
      if (!(error instanceof StaleConnection) || request.method !== 'GET') throw error;
      return wholeAnswer(await opened(outgoing, signal), signal);
    }
  }

  return {
    send: (request, signal) =>
      bounded(callLimitMs, signal, async (inner, onConnected) => {
        const untilMs = clock.nowMs() + callLimitMs;
        for (;;) {
          const answer = await once(request, inner, onConnected);
          const { status, retryAfterMs = Number.POSITIVE_INFINITY } = answer;
          if (status !== 429 || clock.nowMs() + retryAfterMs >= untilMs) return answer;
          await sleep(clock, retryAfterMs, inner);
        }
      }),
    async follow(path, limitMs, onLine, signal) {
      const over = new AbortController();
      const either = AbortSignal.any([signal, over.signal]);
      const incoming = await bounded(callLimitMs, signal, async (inner, onConnected) => {
        // What ends the wait for the head must not end the body.
        inner.addEventListener('abort', () => over.abort(inner.reason), { once: true });
        const options = await orAborted(optionsFor({ method: 'GET', path }), inner);
        return opened({ isTls, options, body: undefined, onConnected }, either);
      });
      return bounded(limitMs, signal, async (inner) => {
        inner.addEventListener('abort', () => over.abort(inner.reason), { once: true });
        if (incoming.statusCode !== 200) return wholeAnswer(incoming, either);
        await eachLine(incoming, either, onLine);
        return null;
      });
    },
    close: () => agent?.destroy(),
  };
}

/** Credentials may come from a program of the user's, which knows of no signal. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function agentOf(config: KubeConfig, applied: RequestOptions, isTls: boolean): PlainAgent | TlsAgent {
  const proxied = config.getCurrentCluster()?.proxyUrl;
  if (proxied && applied.agent instanceof PlainAgent) return applied.agent;
  return isTls ? new TlsAgent({ keepAlive: true }) : new PlainAgent({ keepAlive: true });
}

function defined(options: RequestOptions): RequestOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null));
}
