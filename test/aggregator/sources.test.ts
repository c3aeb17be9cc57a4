import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readSources } from '../../aggregator/federation/sources.ts';
import type { Family } from '../../aggregator/metrics/exposition.ts';
import { silent } from '../../contract/log.ts';
import { aggregator, atEnd, clock } from './harness.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

const page = [
  '# HELP agent_region_requests_total Requests.',
  '# TYPE agent_region_requests_total counter',
  'agent_region_requests_total{code="200"} 7',
  'agent_region_requests_total{code="200",region="own"} 8',
  'other_metric 1',
  '',
].join('\n');

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => clock.after(10, () => resolve(undefined)));
}

function samples(families: readonly Family[], name: string) {
  return families
    .find((family) => family.name === name)
    ?.samples.map(({ labels, value }) => [Object.fromEntries(labels), value]);
}

test("a service's metrics are kept by name, with the label of their region unless they have one", async () => {
  const url = await serve((_request, response) => response.end(page));
  const sources = readSources([{ region: 'us-east-1', url, keep: ['agent_region_.*'] }], null, { clock, log: silent });
  atEnd(() => sources.stop());
  await until(() => samples(sources.families(clock.nowMs()), 'agent_region_requests_total') !== undefined);
  const families = sources.families(clock.nowMs());
  expect(samples(families, 'agent_region_requests_total')).toEqual([
    [{ code: '200', region: 'us-east-1' }, 7],
    [{ code: '200', region: 'own' }, 8],
  ]);
  expect(samples(families, 'other_metric')).toBeUndefined();
  expect(samples(families, 'blackstart_source_up')).toEqual([[{ region: 'us-east-1' }, 1]]);
});

test('a source that hangs, one that fails and one that is garbage hold up nobody, and are metrics', async () => {
  const hanging = await serve(() => undefined);
  const failing = await serve((_request, response) => response.writeHead(500).end());
  const garbage = await serve((_request, response) => response.end('{}'));
  const good = await serve((_request, response) => response.end(page));
  const keep = ['agent_region_requests_total'];
  const { url } = await aggregator({
    sources: [
      { region: 'hanging', url: hanging, keep },
      { region: 'failing', url: failing, keep },
      { region: 'garbage', url: garbage, keep },
      { region: 'good', url: good, keep },
    ],
  });
  let text = '';
  while (!(text.includes('source_up{region="garbage"} 0') && text.includes('source_up{region="good"} 1'))) {
    text = await (await fetch(new URL('/metrics', url))).text();
  }
  expect(text).toContain('blackstart_source_up{region="failing"} 0');
  expect(text).toContain('agent_region_requests_total{code="200",region="good"} 7');
  const federated = await fetch(new URL('/federate?match[]=agent_region_requests_total', url));
  expect(await federated.text()).toMatch(
    /^# TYPE agent_region_requests_total untyped\nagent_region_requests_total\{code="200",region="good",instance=""\} 7 \d{13}\n/,
  );
});

test('federate answers as Prometheus does without a selector, without a match, and to nonsense', async () => {
  const { url } = await aggregator();
  const ask = async (query: string) => {
    const answer = await fetch(new URL(`/federate${query}`, url));
    return [answer.status, await answer.text()];
  };
  expect(await ask('')).toEqual([200, '']);
  expect(await ask('?match[]=nothing_like_it')).toEqual([200, '']);
  expect(await ask('?match[]=-up')).toEqual([400, '1:1: parse error: unexpected <op:->\n']);
});
