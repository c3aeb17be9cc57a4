import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Clock } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Its first bytes. */
  readonly text: string;
};
export type Post = (
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<Answer>;

/** A receiver that does not answer in this time is asked again. */
const answerWithinMs = 30_000;
const keptText = 256;

/** Posts over connections that are kept. Rejects when there is no answer. */
export function poster(
  target: string,
  ca: readonly string[] | undefined,
  clock: Clock,
): { readonly post: Post; close(): void } {
  const url = new URL(target);
  const secure = url.protocol === 'https:';
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const trust = ca === undefined ? {} : { ca: [...ca] };
  return {
    post: (body, headers, signal) =>
      within(clock, answerWithinMs, signal, (until) => {
        const { promise, resolve, reject } = Promise.withResolvers<Answer>();
        const options = {
          method: 'POST',
          headers: { ...headers, 'content-length': body.length },
          signal: until,
          agent,
          ...trust,
        };
        const request = secure ? requestHttps(url, options) : requestHttp(url, options);
        const fail = (error: unknown): void => reject(until.aborted ? until.reason : error);
        request.on('error', fail);
        request.on('response', (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('error', fail);
          response.on('data', (piece: string) => {
            if (text.length < keptText) text += piece.slice(0, keptText - text.length);
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        });
        request.end(body);
        return promise;
      }),
    close: () => agent.destroy(),
  };
}
