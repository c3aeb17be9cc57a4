/** A real Alertmanager takes what an aggregator tells it: fires, resolves, silences, inhibits, dies and comes back. */
import { beforeAll, describe, expect, test } from 'vitest';
import { post } from '../../aggregator/harness.ts';
import { drill } from '../../aggregator/posts.ts';
import { proposedInhibitions } from '../../artefacts/inhibitions.ts';
import { metric, workshop, writeToken } from '../../cli/workshop.ts';
import { clock, until } from '../../lab/waiting.ts';
import {
  alertmanager,
  hasAlertmanager,
  type Listed,
  listed,
  type Notified,
  silence,
  type Webhook,
  webhook,
} from './alertmanager.ts';
import type { Server } from './servers.ts';
import { type Fleet, fleet, type Watched } from './world.ts';

const withinMs = 60_000;
const shop = workshop();
let hook: Webhook;
let first: Server;
let second: Server;
let world: Fleet;
let aggregator: Watched;

describe.skipIf(!hasAlertmanager)('a real Alertmanager', () => {
  beforeAll(async () => {
    hook = await webhook();
    [first, second] = (await Promise.all([0, 1].map(() => alertmanager(hook, proposedInhibitions())))) as [
      Server,
      Server,
    ];
    await first.start();
    const objective = { id: 'impossible', check: 'home', region: 'here', indicator: { latency: 'p50' } };
    world = await fleet(shop, 'alerts', {
      objectives: [{ ...objective, target: '0.001ms', window: '1h' }],
      // The second is dead until the end.
      alertmanagers: [first, second].map(({ url }) => ({ url, labels: { cluster: 'eu' } })),
    });
    aggregator = await world.aggregator();
    // It runs before the objective can fail, so that it inhibits that from the beginning.
    await tell('d-3', { status: 'running' });
    await hears('BlackstartDrillRunning', 'firing', 'd-3');
    world.agent(aggregator);
  });

  const tell = async (id: string, over: object): Promise<void> => {
    const answer = await post(aggregator.url, '/api/v1/drills', { ...drill, id, region: 'here', ...over }, writeToken);
    if (!answer.ok) throw new Error(await answer.text());
  };
  const over = { status: 'over', phase: 'over', left: ['deployment/shop: 0 of 3 replicas'], restored: false };
  const mended = { status: 'over', phase: 'over', left: [], restored: true };

  const notified = (alertname: string, status: Notified['status'], id?: string) =>
    hook.notified.find(
      (one) =>
        one.status === status &&
        one.labels['alertname'] === alertname &&
        (id === undefined || one.labels['drill'] === id),
    );
  const hears = (alertname: string, status: Notified['status'], id?: string) =>
    until(withinMs, `${alertname} ${status}`, async () => notified(alertname, status, id));
  const knows = (server: Server, alertname: string, holds: (one: Listed) => boolean) =>
    until(withinMs, `${alertname} at an Alertmanager`, async () =>
      (await listed(server)).find((one) => one.labels['alertname'] === alertname && holds(one)),
    );

  test('notifies of an alert with its labels, and that it is over', async () => {
    await tell('d-1', over);
    const fired = await hears('BlackstartDrillNotRestored', 'firing', 'd-1');
    expect(fired.labels).toEqual({
      ...{ alertname: 'BlackstartDrillNotRestored', severity: 'critical', scenario: 'demo', cluster: 'eu' },
      ...{ drill: 'd-1', name: 'lose-us-east-1', region: 'here' },
    });
    expect(fired.annotations['description']).toBe('deployment/shop: 0 of 3 replicas');
    expect(fired.generatorURL).toBe(`${aggregator.url}/api/v1/drills/d-1/report.html`);
    expect((await fetch(fired.generatorURL)).status).toBe(200);
    await tell('d-1', mended);
    const resolved = await hears('BlackstartDrillNotRestored', 'resolved', 'd-1');
    expect(resolved.startsAt).toBe(fired.startsAt);
  });

  test('does not notify of what is silenced, nor of what a drill that runs inhibits', async () => {
    await silence(first, { drill: 'd-2', alertname: 'BlackstartDrillNotRestored' }, clock.wallMs());
    await tell('d-2', over);
    const silenced = await knows(first, 'BlackstartDrillNotRestored', ({ labels }) => labels['drill'] === 'd-2');
    expect(silenced.status).toMatchObject({ state: 'suppressed', silencedBy: [expect.any(String)] });
    const inhibited = await knows(first, 'BlackstartObjectiveFailed', ({ status }) => status.state === 'suppressed');
    expect(inhibited.status.inhibitedBy).toHaveLength(1);
    expect(inhibited.labels).toMatchObject({ objective: 'impossible', check: 'home', region: 'here' });
    expect(notified('BlackstartObjectiveFailed', 'firing')).toBeUndefined();
    await tell('d-3', mended);
    await hears('BlackstartDrillRunning', 'resolved', 'd-3');
    await hears('BlackstartObjectiveFailed', 'firing');
    expect(notified('BlackstartDrillNotRestored', 'firing', 'd-2')).toBeUndefined();
  });

  test('that is killed and comes back is told what it missed; another that is dead holds up nobody', async () => {
    await first.stop('SIGKILL');
    await tell('d-4', over);
    const failing = `blackstart_alertmanager_errors_total{alertmanager="${new URL(first.url).host}"`;
    await until(withinMs, 'that it is away to be noticed', async () =>
      (await metric(aggregator.url, new RegExp(`^${failing}`))) > 0 ? true : undefined,
    );
    await first.start();
    await hears('BlackstartDrillNotRestored', 'firing', 'd-4');
    const dead = `alertmanager="${new URL(second.url).host}"`;
    expect(await metric(aggregator.url, new RegExp(`^blackstart_alertmanager_sent_alerts_total.*${dead}`))).toBe(0);
    expect(await metric(aggregator.url, new RegExp(`^blackstart_alertmanager_errors_total.*${dead}`))).toBeGreaterThan(
      0,
    );
  });

  test('is told the same start after the aggregator was killed', async () => {
    const before = await knows(first, 'BlackstartDrillNotRestored', ({ labels }) => labels['drill'] === 'd-4');
    aggregator.program.kill('SIGKILL');
    await aggregator.program.ended;
    // It has heard nothing from the old one.
    await second.start();
    aggregator = await world.aggregator();
    const after = await knows(second, 'BlackstartDrillNotRestored', ({ labels }) => labels['drill'] === 'd-4');
    expect(after.startsAt).toBe(before.startsAt);
    expect(after.labels).toEqual(before.labels);
  });
});
