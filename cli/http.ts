/** Plain reading and writing over HTTP, with a certificate authority of choice, for the lab's own commands. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Unreachable } from '../contract/failure.ts';

export type HttpOptions = {
  readonly ca?: string;
  readonly token?: string;
  readonly post?: object;
  readonly timeoutMs?: number;
};

/** The body of a 2xx answer. Anything else is `Unreachable`, with what was answered. */
export function getText(url: string, options: HttpOptions = {}): Promise<string> {
  const body = options.post === undefined ? undefined : JSON.stringify(options.post);
  const headers = {
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  const settings = {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    timeout: options.timeoutMs ?? 10_000,
    agent: false as const,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new Unreachable(`${url} did not answer`, { cause: error }));
    const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, settings, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(text);
        else reject(new Unreachable(`${url} answered ${status}: ${text.slice(0, 200)}`));
      });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${settings.timeout} ms`)));
    request.on('error', fail);
    request.end(body);
  });
}

export async function getJson<T>(url: string, options: HttpOptions = {}): Promise<T> {
  return JSON.parse(await getText(url, options)) as T;
}
