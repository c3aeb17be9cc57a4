import { Agent as PlainAgent, request as requestPlain } from 'node:http';
import { type RequestOptions, request as requestTls, Agent as TlsAgent } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../../../contract/clock.ts';
import { DeadlineExceeded, within } from '../../../contract/deadline.ts';
import { isObject } from '../../../contract/json.ts';
import { sentenceOf, Trouble } from '../../trouble.ts';

/** An API server that answers at all answers much sooner. */
const callLimitMs = 10_000;
const maxAnswerBytes = 64 * 1_048_576;

export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
};
export type ApiAnswer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

export type Transport = {
  /** Resolves for every answer of the API server. Rejects with a `Trouble` when there is none. */
  send(request: ApiRequest, signal: AbortSignal): Promise<ApiAnswer>;
  close(): void;
};

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

  return {
    async send(request, signal) {
      try {
        return await within(clock, callLimitMs, signal, async (inner) =>
          exchange(isTls, await optionsFor(request), request.body, inner),
        );
      } catch (error) {
        if (error instanceof Trouble) throw error;
        if (error instanceof DeadlineExceeded) {
          throw new Trouble('unreachable', `${name} gave no answer within ${callLimitMs / 1_000} s`, { cause: error });
        }
        if (signal.aborted) throw signal.reason;
        throw new Trouble('unreachable', `${name} cannot be reached: ${sentenceOf(error)}`, { cause: error });
      }
    },
    close: () => agent?.destroy(),
  };
}

function agentOf(config: KubeConfig, applied: RequestOptions, isTls: boolean): PlainAgent | TlsAgent {
  const proxied = config.getCurrentCluster()?.proxyUrl;
  if (proxied && applied.agent instanceof PlainAgent) return applied.agent;
  return isTls ? new TlsAgent({ keepAlive: true }) : new PlainAgent({ keepAlive: true });
}

function defined(options: RequestOptions): RequestOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null));
}

function exchange(
  isTls: boolean,
  options: RequestOptions,
  body: object | undefined,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const send = isTls ? requestTls : requestPlain;
    const text = body === undefined ? undefined : JSON.stringify(body);
    // Node sends no length with a DELETE by itself.
    const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
    const headers = { ...options.headers, ...length } as RequestOptions['headers'];
    const outgoing = send({ ...options, headers, signal }, (incoming) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        if (sizeBytes > maxAnswerBytes) incoming.destroy(new Error(`answer over ${maxAnswerBytes} bytes`));
        else chunks.push(chunk);
      });
      incoming.on('error', (error) => reject(signal.aborted ? signal.reason : error));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: parsed(Buffer.concat(chunks)) }));
    });
    outgoing.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    outgoing.end(text);
  });
}

function parsed(bytes: Buffer): Readonly<Record<string, unknown>> {
  const text = bytes.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : { message: text.slice(0, 200) };
  } catch {
    return { message: text.slice(0, 200) };
  }
}
