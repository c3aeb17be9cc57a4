import { afterEach, expect, test } from 'vitest';
import { regionMetrics } from '../../lab/region/metrics.ts';
import { fakeClock } from '../fakes/clock.ts';
import { instantClock } from '../fakes/instant-clock.ts';
import { ask, type Site, site, until } from './site.ts';

let open: Site | undefined;
afterEach(() => open?.close());

type Sample = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** Text 0.0.4, strictly: every sample belongs to the family whose HELP and TYPE come before it. */
function parse(text: string): readonly Sample[] {
  const samples: Sample[] = [];
  const typed = new Map<string, string>();
  let family = '';
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const comment = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (comment !== null) {
      family = comment[2] ?? '';
      if (comment[1] === 'TYPE') typed.set(family, comment[3] ?? '');
      continue;
    }
    const sample = /^([a-z_]+)\{(.*)\} (\d+)$/.exec(line);
    if (sample === null || sample[1] !== family || !typed.has(family)) throw new Error(`not a sample: ${line}`);
    const labels = [...(sample[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)];
    samples.push({
      name: family,
      labels: Object.fromEntries(labels.map(([, name = '', value = '']) => [name, value])),
      value: Number(sample[3]),
    });
  }
  return samples;
}

test('requests are counted by code, entry name, country and kind of client, and answered as text 0.0.4', async () => {
  open = await site(114, instantClock());
  const { url, pods } = await open.region('us-east-1');
  const user = { 'user-agent': 'lab-user/1', 'x-user-country': 'US' };
  await ask(`${url}/v1/ping`, { headers: { ...user, host: 'global.agent.test' } });
  await ask(`${url}/v1/ping`, { headers: { ...user, host: `Global.agent.test:${open.port}` } });
  await ask(url, { headers: { 'user-agent': 'blackstart/0.1.0', host: `127.114.0.1:${open.port}` } });
  await ask(url, { headers: { ...user, 'x-user-country': 'DE' } });
  for (const path of ['/health', '/metrics', '/inventory', '/residency-log']) await ask(`${url}${path}`);
  pods.set([]);
  await ask(url, { headers: { ...user, host: 'global.agent.test' } });

  const { body, headers } = await ask(`${url}/metrics`);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const samples = parse(body);
  const region = 'us-east-1';
  expect(samples.filter(({ name }) => name === 'agent_region_requests_total')).toEqual([
    counted({ code: '200', entry: 'global', country: 'US', client: 'user' }, 2),
    counted({ code: '200', entry: 'direct', country: 'unknown', client: 'probe' }, 1),
    counted({ code: '451', entry: 'api', country: 'DE', client: 'user' }, 1),
    counted({ code: '503', entry: 'global', country: 'US', client: 'user' }, 1),
  ]);
  expect(samples.slice(-2)).toEqual([
    { name: 'agent_region_errors_total', labels: { region }, value: 1 },
    { name: 'agent_region_requests_in_flight', labels: { region }, value: 0 },
  ]);

  function counted(labels: object, value: number): object {
    return { name: 'agent_region_requests_total', labels: { region, ...labels }, value };
  }
});

test('a request that waits is in flight, one whose client leaves no longer is, and neither is counted as answered', async () => {
  const clock = fakeClock();
  open = await site(114, clock);
  const plan = { jurisdiction: 'US', workloads: {}, serving: 'a', place: 'p', roundTripMs: {}, serviceMs: 100 };
  const { url } = await open.region('us-east-1', { plan });
  const inFlight = async (): Promise<number | undefined> => parse((await ask(`${url}/metrics`)).body).at(-1)?.value;
  const leave = new AbortController();
  const left = ask(url, { signal: leave.signal });
  await until(() => clock.pending > 0);
  expect(await inFlight()).toBe(1);
  leave.abort();
  await expect(left).rejects.toThrow('aborted');
  await expect.poll(inFlight).toBe(0);
  await clock.advance(5_000);
  expect((await ask(`${url}/metrics`)).body).not.toContain('agent_region_requests_total{');
});

test('a metric that is planted as missing is missing whole, and alone', async () => {
  open = await site(114, instantClock());
  const plants = [{ kind: 'metric-missing', region: 'us-east-1', metric: 'agent_region_requests_total' } as const];
  const { url } = await open.region('us-east-1', { plants });
  await ask(url);
  const { body } = await ask(`${url}/metrics`);
  expect(body).not.toContain('agent_region_requests_total');
  expect(body).toContain('agent_region_errors_total{region="us-east-1"} 0');
});

test('names that clients make up are counted together once there are a thousand', () => {
  const metrics = regionMetrics('r', new Set());
  for (let index = 0; index < 1_500; index += 1) {
    metrics.began();
    metrics.answered({ code: 200, entry: `name-${index}`, country: 'US', client: 'user' });
  }
  const samples = parse(metrics.text()).filter(({ name }) => name === 'agent_region_requests_total');
  expect(samples).toHaveLength(1_001);
  expect(samples.at(-1)).toMatchObject({ labels: { entry: 'other', country: 'other' }, value: 500 });
});
