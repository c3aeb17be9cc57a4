/** A real Alertmanager on loopback, and who it notifies. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { atEnd } from '../at-end.ts';
import { present } from '../programs.ts';
import { type Server, server } from './servers.ts';

const program = 'prometheus-alertmanager';
export const hasAlertmanager = present(program, ['--version']);

type Labels = Readonly<Record<string, string>>;
export type Notified = {
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  readonly generatorURL: string;
};
export type Webhook = { readonly url: string; readonly notified: readonly Notified[] };

export async function webhook(): Promise<Webhook> {
  const notified: Notified[] = [];
  const hook = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      notified.push(...(JSON.parse(text) as { readonly alerts: readonly Notified[] }).alerts);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  atEnd(() => {
    hook.close();
    hook.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, notified };
}

/** Notifies of each alert by itself. `inhibitRules` as its configuration has them. */
export function alertmanager(hook: Webhook, inhibitRules: unknown): Promise<Server> {
  const config = {
    route: { receiver: 'hook', group_by: ['...'], group_wait: '100ms', group_interval: '1s', repeat_interval: '1h' },
    receivers: [{ name: 'hook', webhook_configs: [{ url: hook.url, send_resolved: true }] }],
    inhibit_rules: inhibitRules,
  };
  const argv = (at: string, dir: string): readonly string[] => {
    const file = join(dir, 'alertmanager.json');
    writeFileSync(file, JSON.stringify(config));
    mkdirSync(join(dir, 'data'), { recursive: true });
    return [
      ...[`--config.file=${file}`, `--storage.path=${join(dir, 'data')}`],
      ...[`--web.listen-address=${at}`, '--cluster.listen-address='],
    ];
  };
  return server({ program, argv, ready: '/-/ready' });
}

export type Listed = {
  readonly labels: Labels;
  readonly startsAt: string;
  readonly status: {
    readonly state: string;
    readonly silencedBy: readonly string[];
    readonly inhibitedBy: readonly string[];
  };
};

/** All that it knows of, suppressed or not. */
export async function listed({ url }: Pick<Server, 'url'>): Promise<readonly Listed[]> {
  return (await (await fetch(`${url}/api/v2/alerts`)).json()) as readonly Listed[];
}

export async function silence({ url }: Pick<Server, 'url'>, labels: Labels, wallMs: number): Promise<void> {
  const matchers = Object.entries(labels).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
  const body = {
    ...{ matchers, createdBy: 'test', comment: 'known' },
    startsAt: new Date(wallMs).toISOString(),
    endsAt: new Date(wallMs + 3_600_000).toISOString(),
  };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v2/silences`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}
