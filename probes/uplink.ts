/** Keeps the agent connected to its aggregator, and knows when there is no point in trying again. */
import type { ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { WebSocket } from 'ws';
import { type Clock, sleep } from '../contract/clock.ts';
import type { Random } from '../contract/random.ts';
import { reveal, type Secret } from '../contract/secret.ts';
import { closeCodes } from '../contract/wire.ts';
import type { CaText } from './tls/settings.ts';
import { backoffMs } from './uplink/backoff.ts';
import { runSession, type Session, type SessionDeps, type SessionEnd } from './uplink/session.ts';
import { type Tunnel, tunnel } from './uplink/tunnel.ts';

/** PEM texts that belong together. */
export type ClientPem = { readonly cert: string; readonly key: string };

export type UplinkOptions = {
  /** `/agent` is put behind its path. */
  readonly aggregator: URL;
  readonly token: Secret | null;
  readonly certificate?: (() => ClientPem) | undefined;
  /** Trusted in addition to the system's; asked for with every connection. */
  readonly ca: CaText | null;
  /** The HTTP proxy that leads there. */
  readonly proxy?: URL | null;
};

export type Uplink = {
  /** Something was spooled. */
  wake(): void;
  readonly connected: boolean;
  /** Who has which rounds has changed. */
  tellHold(): void;
  /** Rejects with one sentence when the aggregator will not have this agent; resolves after `stop`. */
  readonly ended: Promise<void>;
  /** Sends what is spooled for at most `limitMs`, then closes. */
  stop(limitMs: number): Promise<void>;
};

const handshakeMs = 10_000;
const maxAnswerBytes = 16 * 1_048_576;
/** An agent that was killed leaves a connection behind that the aggregator takes some seconds to give up. */
const maxDuplicates = 8;
const shortestDuplicateWaitMs = 1_000;

export function startUplink(options: UplinkOptions, deps: SessionDeps & { readonly random: Random }): Uplink {
  const { clock, log, random } = deps;
  const stopping = new AbortController();
  let link: Link | undefined;
  let failures = 0;
  let duplicates = 0;

  async function keepConnected(): Promise<void> {
    while (!stopping.signal.aborted) {
      link = openLink(options, deps);
      const end = await link.ended;
      link = undefined;
      if (stopping.signal.aborted) return;
      failures = end.progressed ? 1 : failures + 1;
      duplicates = end.code === closeCodes.duplicate ? duplicates + 1 : 0;
      const final = finalSentence(end, options.aggregator, deps.hello.agent, duplicates);
      if (final !== undefined) throw new Error(final);
      const leastMs = end.code === closeCodes.duplicate ? shortestDuplicateWaitMs : 0;
      const waitMs = Math.max(leastMs, backoffMs(failures, random));
      log.warn({ code: end.code, reason: end.reason, waitMs: Math.round(waitMs) }, 'not connected to the aggregator');
      await sleep(clock, waitMs, stopping.signal).catch(() => undefined);
    }
  }

  const ended = keepConnected();
  // Whoever composes the agent looks at it; until then it must not end the process.
  ended.catch(() => undefined);

  return {
    wake: () => link?.session.wake(),
    tellHold: () => link?.session.tellHold(),
    get connected() {
      return link?.session.welcomed ?? false;
    },
    ended,
    async stop(limitMs) {
      if (link?.session.welcomed) await drain(link.session, clock, limitMs);
      stopping.abort();
      link?.session.close(closeCodes.goingAway, 'the agent is stopping');
      const cancel = clock.after(limitMs, () => link?.socket.terminate());
      await ended.catch(() => undefined);
      cancel();
    },
  };
}

/** Until all is acknowledged, or time is up. */
async function drain(session: Session, clock: Clock, limitMs: number): Promise<void> {
  if (session.drained) return;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(limitMs, resolve);
    session.whenDrained(() => {
      cancel();
      resolve();
    });
    session.wake();
  });
}

type Link = { readonly socket: WebSocket; readonly session: Session; readonly ended: Promise<SessionEnd> };

/** One connection; how it ended is never an error. */
function openLink(options: UplinkOptions, deps: SessionDeps): Link {
  const end = Promise.withResolvers<SessionEnd>();
  let refusal: Pick<SessionEnd, 'code' | 'reason'> | undefined;
  const certificate = options.certificate?.();
  const secure = {
    ...(options.ca === null ? {} : { ca: [...getCACertificates('default'), reveal(options.ca)] }),
    ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
  };
  const { aggregator, proxy = null } = options;
  const way = proxy === null ? undefined : tunnel({ proxy, aggregator, secure }, deps.clock);
  const socket = new WebSocket(agentUrl(aggregator), {
    headers: options.token === null ? {} : { authorization: `Bearer ${reveal(options.token)}` },
    handshakeTimeout: handshakeMs,
    maxPayload: maxAnswerBytes,
    perMessageDeflate: false,
    ...secure,
    ...(way === undefined ? {} : { createConnection: throughIt(way) }),
  });
  socket.on('close', () => way?.close());
  socket.on('unexpected-response', (request, response) => {
    const status = response.statusCode ?? 0;
    const denied = status === 401 || status === 403;
    refusal = { code: denied ? closeCodes.notAllowed : 0, reason: `HTTP ${status}` };
    request.destroy();
    socket.terminate();
  });
  socket.on('error', (error) => {
    refusal ??= { code: 0, reason: error.message };
  });
  const session = runSession(socket, deps, (ended) => end.resolve({ ...ended, ...(refusal ?? {}) }));
  return { socket, session, ended: end.promise };
}

/** As Node's clients ask for a connection that takes its time. */
function throughIt(way: Tunnel): NonNullable<ClientRequestArgs['createConnection']> {
  return (_options, done) => {
    way.open((error, socket) => done(error, socket as Duplex));
    return undefined;
  };
}

function agentUrl(aggregator: URL): URL {
  const url = new URL(aggregator);
  url.protocol = aggregator.protocol === 'https:' || aggregator.protocol === 'wss:' ? 'wss:' : 'ws:';
  url.pathname = `${url.pathname.replace(/\/$/, '')}/agent`;
  return url;
}

/** Why it makes no sense to come back; `undefined` when it does. */
function finalSentence(end: SessionEnd, aggregator: URL, agent: string, duplicates: number): string | undefined {
  const said = end.reason === '' ? '' : ` (${end.reason})`;
  if (end.code === closeCodes.notAllowed) {
    return `the aggregator at ${aggregator.host} does not allow this agent${said}: check its token or certificate`;
  }
  if (end.code === closeCodes.version) {
    return `the aggregator at ${aggregator.host} speaks another version of the agent link${said}: update one of them`;
  }
  if (end.code === closeCodes.duplicate && duplicates >= maxDuplicates) {
    return `another agent called ${agent} is connected to ${aggregator.host}${said}: stop it, or give this one another name`;
  }
  return undefined;
}
