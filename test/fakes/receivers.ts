/** Those who are told of drills, as far as senders see them: each takes what its vendor documents, and answers 400 to all else. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isObject } from '../../contract/json.ts';

type Body = Readonly<Record<string, unknown>>;
export type ReceiverKind = 'webhook' | 'slack' | 'alertmanager' | 'pagerduty';
export type Receiver = {
  readonly url: string;
  /** What was taken, in order. */
  readonly taken: readonly unknown[];
  /** What was wrong with what was not. */
  readonly wrong: readonly string[];
  /** Requests, whatever they were answered. */
  readonly asked: () => number;
  /** Answers so to the next requests, before it takes anything. */
  readonly answers: (number | 'hang')[];
  close(): Promise<void>;
};

const isText = (value: unknown, most = Number.POSITIVE_INFINITY): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= most;
const isTime = (value: unknown): value is string => isText(value) && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);

/** What is wrong with a body; each with where its vendor says so. */
const validators: { readonly [K in ReceiverKind]: (body: unknown) => readonly (string | false)[] } = {
  webhook: (body) => [!isObject(body) && 'no object', isObject(body) && !isText(body['event']) && 'no event'],
  /** Incoming webhooks: `text` is required without blocks, at most 40,000 characters; `<`, `>` and `&` are control characters. */
  slack: (body) => {
    if (!isObject(body) || !isText(body['text'], 40_000)) return ['no_text'];
    return [/<(?![!@#]|https?:)|>|&(?!amp;|lt;|gt;)/.test(body['text']) && 'control characters are not escaped'];
  },
  /** Alertmanager's API v2: `postableAlerts`. */
  alertmanager: (body) => (Array.isArray(body) && body.length > 0 ? body.flatMap(wrongInAlert) : ['no array']),
  /** Events API v2: `routing_key` of 32 characters, `event_action`, `dedup_key` up to 255, a payload where it triggers. */
  pagerduty: wrongInEvent,
};

function wrongInAlert(alert: unknown): readonly (string | false)[] {
  if (!isObject(alert) || !isObject(alert['labels'])) return ['no labels'];
  const { labels, annotations = {}, startsAt, endsAt } = alert;
  const names = Object.entries(labels as Body);
  return [
    !isText((labels as Body)['alertname']) && 'at least one label pair required',
    names.some(([name, value]) => !/^[A-Za-z_]\w*$/.test(name) || !isText(value)) && 'invalid label set',
    !Object.values(annotations as Body).every((value) => typeof value === 'string') && 'invalid annotations',
    !(isTime(startsAt) && isTime(endsAt)) && 'no date-time',
    isTime(startsAt) &&
      isTime(endsAt) &&
      Date.parse(endsAt) < Date.parse(startsAt) &&
      'start time must be before end time',
  ];
}

function wrongInEvent(body: unknown): readonly (string | false)[] {
  if (!isObject(body)) return ['no object'];
  const { routing_key: key, event_action: action, dedup_key: dedup, payload } = body;
  const common = [
    !(isText(key) && key.length === 32) && 'routing_key: 32 characters',
    !isText(dedup, 255) && 'dedup_key: up to 255 characters',
    !['trigger', 'acknowledge', 'resolve'].includes(String(action)) && 'event_action',
  ];
  if (action !== 'trigger') return common;
  if (!isObject(payload)) return [...common, 'payload'];
  return [
    ...common,
    !isText(payload['summary'], 1_024) && 'payload.summary: up to 1024 characters',
    !isText(payload['source']) && 'payload.source',
    !['critical', 'error', 'warning', 'info'].includes(String(payload['severity'])) && 'payload.severity',
    !isTime(payload['timestamp']) && 'payload.timestamp',
  ];
}

/** Where each takes posts. */
const paths: { readonly [K in ReceiverKind]: string } = {
  webhook: '/hooks/drills',
  slack: '/services/T0/B0/secret',
  alertmanager: '/api/v2/alerts',
  pagerduty: '/v2/enqueue',
};
const statuses: { readonly [K in ReceiverKind]: number } = {
  webhook: 204,
  slack: 200,
  alertmanager: 200,
  pagerduty: 202,
};

export async function receiver(kind: ReceiverKind): Promise<Receiver> {
  const taken: unknown[] = [];
  const wrong: string[] = [];
  const answers: (number | 'hang')[] = [];
  let asked = 0;
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece as string;
    asked += 1;
    const told = answers.shift();
    if (told === 'hang') return;
    if (told !== undefined) return void response.writeHead(told).end('as it was told');
    const isPost = request.method === 'POST' && request.url === paths[kind];
    const isJson = request.headers['content-type'] === 'application/json';
    const body: unknown = JSON.parse(text);
    const mistakes = [
      !isPost && `${request.method} ${request.url}`,
      !isJson && 'no application/json',
      ...validators[kind](body),
    ].filter((one) => one !== false);
    if (mistakes.length > 0) {
      wrong.push(...mistakes);
      return void response.writeHead(400).end(mistakes.join(', '));
    }
    taken.push(body);
    response.writeHead(statuses[kind]).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: kind === 'alertmanager' ? origin : `${origin}${paths[kind]}`,
    taken,
    wrong,
    asked: () => asked,
    answers,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
