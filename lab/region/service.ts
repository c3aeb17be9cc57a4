import type { Random } from '../../contract/random.ts';
import { type Guard, refusalStatus } from './guard.ts';
import type { Ledger } from './ledger.ts';
import { ledgerPage } from './ledger-page.ts';
import { largestBodyBytes, type ServiceRequest } from './request.ts';
import type { UserRecord } from './store.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type ServiceOptions = {
  readonly region: string;
  readonly guard: Guard;
  readonly store: (record: UserRecord) => void;
  /** One call for each refusal, and none else. */
  readonly refused: (violation: { readonly requestId: string; readonly country: string }) => void;
  /** Status codes that are planted, by path. */
  readonly pathStatus: ReadonlyMap<string, number>;
  readonly random: Random;
  /** `null`: this service keeps none. */
  readonly ledger: Ledger | null;
};

/** The service that a region's pods run: what the pod of that name answers. `body` is `null` when it was too large. */
export type Service = (request: ServiceRequest, body: string | null, podName: string) => Answer;

export function labService(options: ServiceOptions): Service {
  return (request, body, podName) => {
    const requestId = newRequestId(options.random);
    const planted = options.pathStatus.get(request.path);
    const answer =
      planted === undefined ? route(options, request, { body, requestId }) : json(planted, { status: planted });
    const identity = { 'x-region': options.region, 'x-pod': podName, 'x-request-id': requestId };
    return { ...answer, headers: { ...answer.headers, ...identity } };
  };
}

type Asked = { readonly body: string | null; readonly requestId: string };

function route(options: ServiceOptions, request: ServiceRequest, asked: Asked): Answer {
  const { region } = options;
  if (request.path === '/health') return json(200, { status: 'ok' });
  const refusal = options.guard(request.country);
  if (refusal !== null) {
    if (refusal === refusalStatus) options.refused({ requestId: asked.requestId, country: request.country });
    return json(refusal, { error: `users of ${request.country} may not be served or stored in ${region}` });
  }
  const page = options.ledger === null ? undefined : ledgerPage(options.ledger, region, request, asked.body);
  if (page !== undefined) return page;
  const allow = methods.get(request.path);
  if (allow === undefined) return json(404, { error: `no such path: ${request.path}` });
  if (request.method !== allow) return json(405, { error: `want ${allow}` }, { allow });
  if (request.path === '/v1/records') return keep(options, request, asked);
  return json(200, { service: 'agent-api', region });
}

const methods: ReadonlyMap<string, string> = new Map([
  ['/', 'GET'],
  ['/v1/ping', 'GET'],
  ['/v1/records', 'POST'],
]);

function keep(options: ServiceOptions, { country }: ServiceRequest, { body, requestId }: Asked): Answer {
  if (body === null) return json(413, { error: `want a body of at most ${largestBodyBytes} bytes` });
  if (!isJson(body)) return json(400, { error: 'want a body of JSON, or none' });
  const id = `rec-${requestId}`;
  options.store({ id, country, requestId });
  return json(201, { id }, { 'x-stored-in': options.region });
}

function isJson(text: string): boolean {
  try {
    return text === '' || JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

export function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: `${JSON.stringify(body)}\n` };
}

function newRequestId(random: Random): string {
  const word = (): string =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return `${word()}${word()}`;
}
