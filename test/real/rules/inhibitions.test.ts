/** A real Alertmanager with the inhibitions that are generated, and with those that docs/alerts.md proposes. */
import { describe, expect, test } from 'vitest';
import { generatedInhibitions, type Inhibition, proposedInhibitions } from '../../artefacts/inhibitions.ts';
import { notInhibited } from '../../fakes/inhibition.ts';
import { clock, until } from '../../lab/waiting.ts';
import { alertmanager, hasAlertmanager, listed, webhook } from '../metrics/alertmanager.ts';
import type { Server } from '../metrics/servers.ts';

const withinMs = 60_000;

type Labels = Readonly<Record<string, string>>;

async function tell({ url }: Server, alerts: readonly Labels[]): Promise<void> {
  const now = clock.wallMs();
  const body = alerts.map((labels) => ({
    ...{ labels, startsAt: new Date(now).toISOString(), endsAt: new Date(now + 3_600_000).toISOString() },
  }));
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

/** What of `names` (each alert's own label) is inhibited now. */
async function inhibited(server: Server): Promise<readonly string[]> {
  const all = await listed(server);
  return all.flatMap(({ labels, status }) => (status.inhibitedBy.length > 0 ? [labels['name'] ?? ''] : [])).sort();
}

/** The same by the stand-in that tests elsewhere use. */
function inhibitedByFake(alerts: readonly Labels[], rules: readonly Inhibition[]): readonly string[] {
  const free = notInhibited(alerts, rules);
  return alerts.flatMap((alert) => (free.includes(alert) ? [] : [alert['name'] ?? ''])).sort();
}

async function running(inhibitions: unknown): Promise<Server> {
  const server = await alertmanager(await webhook(), inhibitions);
  await server.start();
  return server;
}

const page = { alertname: 'BlackstartBudgetBurnsFast', severity: 'critical', scenario: 'shop', sloth_severity: 'page' };
const drill = { alertname: 'BlackstartDrillRunning', severity: 'info', scenario: 'shop' };
const pages: readonly Labels[] = [
  { ...page, name: 'of users', objective: 'up' },
  { ...page, name: 'of the region', objective: 'up.north', region: 'north' },
  { ...page, name: 'of another region', objective: 'up.south', region: 'south' },
  { ...page, name: 'of another scenario', objective: 'up.north', region: 'north', scenario: 'bank' },
];

describe.skipIf(!hasAlertmanager).each([
  ['generated', generatedInhibitions()],
  ['proposed', proposedInhibitions()],
])('with inhibitions as they are %s', (_, inhibitions) => {
  test('an observation that has seen nothing yet silences nobody, and a drill only its own region', async () => {
    const server = await running(inhibitions);
    const first = [...pages, { ...drill, name: 'observe', drill: 'd-1' }];
    await tell(server, first);
    // What is told later is seen later: once this one counts, so does the first.
    const second = [{ ...drill, name: 'lose-north', drill: 'd-2', region: 'north' }];
    await tell(server, second);
    await until(withinMs, 'the drill to inhibit its region', async () =>
      (await inhibited(server)).includes('of the region') ? true : undefined,
    );
    expect(await inhibited(server)).toEqual(['of the region']);
    expect(inhibitedByFake([...first, ...second], inhibitions)).toEqual(['of the region']);
  });
});

describe.skipIf(!hasAlertmanager)('with all that is generated', () => {
  test("a page inhibits the ticket of its objective, and others' pages under Sloth's labels none", async () => {
    const server = await running(generatedInhibitions());
    const ticket = { ...page, severity: 'warning', sloth_severity: 'ticket' };
    const foreign = { alertname: 'HighErrorRate', sloth_id: 'cart-requests' };
    const first = [
      { ...foreign, name: 'foreign ticket', sloth_severity: 'ticket', sloth_id: 'login-requests' },
      { ...ticket, name: 'ticket', objective: 'up' },
      { ...ticket, name: 'ticket of another objective', objective: 'fast' },
      { ...foreign, name: 'foreign page', sloth_severity: 'page' },
    ];
    const second = [{ ...page, name: 'page', objective: 'up' }];
    await tell(server, first);
    await tell(server, second);
    await until(withinMs, 'the page to inhibit its ticket', async () =>
      (await inhibited(server)).includes('ticket') ? true : undefined,
    );
    expect(await inhibited(server)).toEqual(['ticket']);
    expect(inhibitedByFake([...first, ...second], generatedInhibitions())).toEqual(['ticket']);
  });

  test('a region that is down silences what is asked of it, and nothing that has no region', async () => {
    const server = await running(generatedInhibitions());
    const down = { alertname: 'BlackstartRegionDown', severity: 'critical', scenario: 'shop' };
    const first = [...pages, { ...down, name: 'nowhere' }];
    const second = [{ ...down, name: 'north', region: 'north' }];
    await tell(server, first);
    await tell(server, second);
    await until(withinMs, 'the region to inhibit', async () =>
      (await inhibited(server)).includes('of the region') ? true : undefined,
    );
    expect(await inhibited(server)).toEqual(['of the region']);
    expect(inhibitedByFake([...first, ...second], generatedInhibitions())).toEqual(['of the region']);
  });
});
