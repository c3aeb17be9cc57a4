/** CONNECT: asking an HTTP proxy for a connection that is ours alone. */

import type { Socket } from 'node:net';
import type { Ending } from '../../ending.ts';
import type { Failure } from '../../prober.ts';
import type { PhaseWatch } from '../../watch.ts';
import { exchange } from '../exchange.ts';
import { responseReader } from '../response.ts';
import { bytesOf } from './http1.ts';
import { headersFrom } from './message.ts';

export type TunnelTerms = {
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly watch: PhaseWatch;
  readonly ending: Ending;
};

/** `null` when the socket leads to `to` (`host:port`) from now on. Its time belongs to the phase `connect`. */
export async function tunnel(socket: Socket, to: string, terms: TunnelTerms): Promise<Failure | null> {
  const { authorization, ending } = terms;
  const own = authorization === undefined ? {} : { 'Proxy-Authorization': authorization };
  const headers = headersFrom({ 'User-Agent': 'blackstart', ...own }, terms.headers);
  if ('mistake' in headers) return { failedAt: 'agent', reason: headers.mistake };
  let early = false;
  const reader = responseReader('CONNECT', ({ rest }) => {
    early = rest.length > 0;
    return 'stop';
  });
  const message = { method: 'CONNECT', path: to, host: to, scheme: 'http', headers, body: null } as const;
  const bytes = bytesOf(message);
  const outcome = await exchange(socket, { method: 'CONNECT', bytes, reader }, connecting(terms.watch), ending);
  if (!outcome.ok) {
    return outcome.failure.failedAt === 'agent' ? outcome.failure : { ...outcome.failure, failedAt: 'connect' };
  }
  const { status } = outcome.response;
  if (status < 200 || status > 299) {
    return { failedAt: 'connect', reason: `CONNECT ${to}: got ${status}, want 2xx` };
  }
  // Nobody speaks before we do: these bytes are no part of what we connect to.
  return early ? { failedAt: 'connect', reason: `CONNECT ${to}: got bytes behind the answer, want none` } : null;
}

/** The proxy's answer is a part of connecting, not an answer of the target. */
function connecting(watch: PhaseWatch): PhaseWatch {
  return { enter: () => undefined, current: 'connect', finish: () => watch.finish() };
}
