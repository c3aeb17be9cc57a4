/** A region's switchboard over HTTP: bearer token, compare-and-set, leases. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../contract/clock.ts';
import { isObject, type Json } from '../../contract/json.ts';
import { httpApi } from '../network/http.ts';
import { type Board, board, type Draft, type Outcome, type Subject } from './board.ts';

export type SwitchboardOptions = {
  readonly host: string;
  readonly region: string;
  readonly token: string;
  readonly subjects: Readonly<Record<string, Subject>>;
};

export type RunningSwitchboard = { readonly url: string; readonly board: Board; close(): Promise<void> };

const mostBodyBytes = 4_096;
const leaseFromMs = 100;
const leaseToMs = 3_600_000;

/** Resolves once it listens, on a free port. */
export async function labSwitchboard(options: SwitchboardOptions, clock: Clock): Promise<RunningSwitchboard> {
  const { host, region, token } = options;
  const settings = board(options.subjects, clock);
  const api = await httpApi(
    (request, response) => answer(request, response, settings, token),
    { host, port: 0 },
    `the switchboard of ${region}`,
  );
  return {
    url: api.url,
    board: settings,
    close() {
      settings.close();
      return api.close();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, settings: Board, token: string) {
  const send = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (!bears(request, token)) return send(401, { error: 'want the switchboard’s token' });
  const path = decoded(request.url ?? '');
  const subject = path?.match(/^\/settings\/(.+)$/)?.[1];
  if (subject === undefined) return send(404, { error: 'want /settings/SUBJECT' });
  if (request.method === 'GET') {
    const at = settings.read(subject);
    return at === undefined ? send(404, { error: `no ${subject} here` }) : send(200, at);
  }
  if (request.method !== 'PUT') return send(405, { error: 'want GET or PUT' });
  const body = await bodyOf(request).catch(() => null);
  const { status, error } = put(settings, subject, body);
  const at = settings.read(subject.replace(/\/lease$/, ''));
  send(status, error === null ? (at ?? {}) : { error });
}

function put(
  settings: Board,
  subject: string,
  body: unknown,
): { readonly status: number; readonly error: string | null } {
  const isRenewal = subject.endsWith('/lease');
  if (isRenewal && isObject(body) && typeof body['drill'] === 'string' && isLease(body['leaseMs'])) {
    return told(settings.renew(subject.slice(0, -'/lease'.length), body['drill'], body['leaseMs']));
  }
  if (!isRenewal && isDraft(body)) return told(settings.set(subject, body));
  return { status: 400, error: `want ${isRenewal ? 'drill and leaseMs' : 'setting, drill, leaseMs and ifVersion'}` };
}

function told(outcome: Outcome): { readonly status: number; readonly error: string | null } {
  switch (outcome.kind) {
    case 'done':
      return { status: 200, error: null };
    case 'conflict':
      return { status: 409, error: 'it is no longer as you saw it' };
    case 'missing':
      return { status: 404, error: 'there is nothing of that name here' };
    case 'refused':
      return { status: 422, error: outcome.because };
  }
}

function isDraft(body: unknown): body is Draft {
  return (
    isObject(body) &&
    'setting' in body &&
    (body['drill'] === null || typeof body['drill'] === 'string') &&
    isLease(body['leaseMs']) &&
    Number.isSafeInteger(body['ifVersion'])
  );
}

function isLease(value: unknown): value is number {
  return typeof value === 'number' && value >= leaseFromMs && value <= leaseToMs;
}

/** Both hashed: comparing takes as long whatever is sent. */
function bears({ headers }: IncomingMessage, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(headers.authorization ?? ''), hash(`Bearer ${token}`));
}

function decoded(url: string): string | null {
  try {
    return decodeURIComponent(url);
  } catch {
    return null;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Json> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostBodyBytes) throw new Error('too large');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Json;
}
