/** What /metrics says of http and residency checks, seen by their probers at a real server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import { attempt } from '../../probes/attempt.ts';
import { goldenMetrics } from '../fakes/golden-metrics.ts';
import { common, httpCheck, passingClock, probing } from '../fakes/probing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Good until it is told otherwise. */
async function service(): Promise<{ readonly url: string; broken: boolean }> {
  const state = { url: '', broken: false };
  const server = createServer((_request, response) => {
    response.writeHead(state.broken ? 503 : 200, { 'x-region': 'eu-west-1', 'x-stored-in': 'eu-west-1' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return state;
}

async function golden(checkAt: (url: string) => Check): Promise<string> {
  const served = await service();
  const check = checkAt(served.url);
  const seen = (): ReturnType<typeof attempt> => attempt(check, probing(passingClock()), undefined);
  const good = await seen();
  served.broken = true;
  return goldenMetrics(check, { good, bad: await seen() });
}

const file = (kind: string): string => join(import.meta.dirname, `../golden/checks/${kind}.prom`);

test('an http check', async () => {
  await expect(await golden((url) => httpCheck(url, { region: 'eu-west-1' }))).toMatchFileSnapshot(file('http'));
});

test('a residency check', async () => {
  const check = (url: string): Check<'residency'> => ({
    ...common,
    ...{ kind: 'residency', id: 'write/eu-west-1', name: 'write', region: 'eu-west-1' },
    ...{ url, method: 'POST', headers: { 'x-user-country': 'DE' }, body: '{}', userCountry: 'DE' },
    identity: { servedBy: 'x-region', storedIn: 'x-stored-in' },
    expect: { answer: 'served', servedIn: ['eu-west-1'], storedIn: ['eu-west-1'] },
  });
  await expect(await golden(check)).toMatchFileSnapshot(file('residency'));
});
