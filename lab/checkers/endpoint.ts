/** One look at an endpoint, as Route 53's checkers take it: a connection of its own each time, certificates unseen. */
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import type { Cancel, Clock } from '../../contract/clock.ts';
import type { HealthCheck } from '../../zone/records.ts';
import { answered, brokenOff, failure, type Outcome, success, timedOut } from './status.ts';

export type From = { readonly localAddress: string; readonly clock: Clock; readonly signal: AbortSignal };

const connectLimitMs = 4_000;
/** From the connection to the status line; then again as long for the body, where it matters. */
const answerLimitMs = 2_000;
const tcpLimitMs = 10_000;
/** Only this much of a body is searched. */
const searchedBytes = 5_120;
const userAgent = 'Amazon-Route53-Health-Check-Service (lab)';

// Loading the system's roots for each of 48 handshakes a second costs more than the handshakes; nothing is verified.
const secureContext = createSecureContext();

/** Resolves with what was seen; after an abort, with a failure that nobody is to count. */
export function lookAt(check: HealthCheck, address: string, from: From): Promise<Outcome> {
  return check.type === 'TCP' ? overTcp(check, address, from) : overHttp(check, address, from);
}

function overTcp(check: HealthCheck, address: string, { localAddress, clock, signal }: From): Promise<Outcome> {
  const socket = connect({ host: address, port: check.port ?? 0, localAddress, signal });
  return new Promise<Outcome>((resolve) => {
    const cancel = clock.after(tcpLimitMs, () => finish(timedOut));
    const finish = (outcome: Outcome): void => {
      cancel();
      resolve(outcome);
    };
    socket.on('connect', () => finish(success(`TCP connection established. Resolved IP: ${address}`)));
    socket.on('error', (error) => finish(brokenOff(error, address)));
  }).finally(() => socket.destroy());
}

function overHttp(check: HealthCheck, address: string, from: From): Promise<Outcome> {
  const request = requestFor(check, address, from);
  return new Promise<Outcome>((resolve) => {
    let cancel: Cancel = () => undefined;
    const limit = (limitMs: number, outcome: Outcome): void => {
      cancel();
      cancel = from.clock.after(limitMs, () => finish(outcome));
    };
    const finish = (outcome: Outcome): void => {
      cancel();
      resolve(outcome);
    };
    limit(connectLimitMs, timedOut);
    request.on('socket', (socket) => {
      socket.on('connect', () => limit(answerLimitMs, failure(`No answer within 2 seconds. Resolved IP: ${address}`)));
    });
    request.on('error', (error) => finish(brokenOff(error, address)));
    request.on('response', (response) => {
      const outcome = answered(response.statusCode ?? 0, address);
      const wanted = check.type.endsWith('_STR_MATCH') ? check.searchString : null;
      if (!outcome.good || wanted === null) return finish(outcome);
      limit(answerLimitMs, failure(`The body took longer than 2 seconds. Resolved IP: ${address}`));
      void search(response, wanted).then((found) =>
        finish(found ? outcome : failure(`The body does not contain the search string. Resolved IP: ${address}`)),
      );
    });
    request.end();
  }).finally(() => request.destroy());
}

function requestFor(check: HealthCheck, address: string, { localAddress, signal }: From): http.ClientRequest {
  const secure = check.type.startsWith('HTTPS');
  const usualPort = secure ? 443 : 80;
  const port = check.port ?? usualPort;
  const name = check.hostname ?? address;
  const common = {
    host: address,
    port,
    path: check.path ?? '/',
    localAddress,
    signal,
    agent: false,
    headers: { host: port === usualPort ? name : `${name}:${port}`, 'user-agent': userAgent, connection: 'close' },
  } as const;
  if (!secure) return http.request(common);
  const options: https.RequestOptions & ConnectionOptions = {
    ...common,
    servername: check.hostname ?? '',
    rejectUnauthorized: false,
    secureContext,
  };
  return https.request(options);
}

async function search(response: http.IncomingMessage, wanted: string): Promise<boolean> {
  let seen = Buffer.alloc(0);
  try {
    for await (const chunk of response) {
      seen = Buffer.concat([seen, chunk as Buffer]).subarray(0, searchedBytes);
      if (seen.includes(wanted)) return true;
      if (seen.length === searchedBytes) return false;
    }
  } catch {
    // Cut off in the middle: what came before it did not contain the text.
  }
  return false;
}
