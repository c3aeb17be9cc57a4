import { expect, test } from 'vitest';
import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { exposition } from '../../../probes/blackbox/metrics.ts';
import { scrapeTimeout } from '../../../probes/blackbox/timeout.ts';
import type { JourneyRequest } from '../../../probes/http/journey.ts';
import type { DialogueTerms } from '../../../probes/tcp/dialogue.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { probing } from '../../fakes/probing.ts';
import { parts, probe } from './parts.ts';

test.each([
  [0, '15', 0.5, 14.5],
  [0, '15', 0, 15],
  [20, '15', 0.5, 14.5],
  [20, '15', 0, 15],
  [5, '15', 0, 5],
  [5, '15', 0.5, 5],
  [10, '', 0.5, 10],
  [10, '10', 0.5, 9.5],
  [9.5, '', 0.5, 9.5],
  [9.5, '', 1, 9.5],
  [0, '', 0.5, 119.5],
  [0, '', 0, 120],
  [0, '0', 0.5, 119.5],
  [3, '0.2', 0.5, 3],
  [0, '0.2', 0.5, 0],
])('a module of %d s, a scrape of %j and an offset of %d s make %d s', (module, header, offset, seconds) => {
  expect(scrapeTimeout(header, module, offset)).toEqual({ ok: true, seconds });
});

test.each([
  ['abc', 'strconv.ParseFloat: parsing "abc": invalid syntax'],
  ['10s', 'strconv.ParseFloat: parsing "10s": invalid syntax'],
  ['1e400', 'strconv.ParseFloat: parsing "1e400": value out of range'],
])('a scrape of %j is refused', (header, mistake) => {
  expect(scrapeTimeout(header, 0, 0)).toEqual({ ok: false, mistake });
});

const refused = {
  ok: false,
  failure: { failedAt: 'connect', reason: 'refused' },
  response: null,
  hops: [],
  redirects: 0,
  durationMs: 0,
  phases: {},
  transcript: [],
} as const;

/** What the module and the scrape made the engine ask for. */
async function requestOf(module: string, hostname = ''): Promise<JourneyRequest> {
  const asked: JourneyRequest[] = [];
  const journey = async (request: JourneyRequest) => {
    asked.push(request);
    return refused;
  };
  await probe(
    `modules: {m: {prober: http, http: {${module}}}}`,
    { target: 'https://old.example:8443/a?b', hostname },
    parts({ journey }),
  );
  const [request] = asked;
  if (request === undefined) throw new Error('nothing was asked');
  return request;
}

test('the address that was chosen is asked, under the name that was given', async () => {
  const request = await requestOf('');
  expect(request).toMatchObject({
    url: 'https://192.0.2.2:8443/a?b',
    host: 'old.example:8443',
    tlsServerName: 'old.example',
  });
});

test('hostname= is the Host header and the name in TLS', async () => {
  expect(await requestOf('', 'shop.example')).toMatchObject({ host: 'shop.example', tlsServerName: 'shop.example' });
});

test('a name in the module’s TLS goes before hostname=', async () => {
  const request = await requestOf('tls_config: {server_name: own.example}', 'shop.example');
  expect(request).toMatchObject({ host: 'shop.example', tlsServerName: 'own.example' });
});

test('hostname= is the name in TLS of a tcp module that has none', async () => {
  const names: (string | undefined)[] = [];
  const converse = async (terms: DialogueTerms) => {
    names.push(terms.tlsName);
    return Promise.reject(new Error('that was all'));
  };
  for (const tls of ['{}', '{server_name: own.example}']) {
    const yaml = `modules: {m: {prober: tcp, tcp: {tls: true, tls_config: ${tls}}}}`;
    await probe(yaml, { target: 'old.example:1', hostname: 'shop.example' }, parts({ converse }));
  }
  expect(names).toEqual(['shop.example', 'own.example']);
});

test('a prober that fails by a mistake of ours fails its probe, and says so in the log alone', async () => {
  const converse = () => Promise.reject(new Error('a mistake of ours'));
  const probed = await probe('modules: {m: {prober: tcp}}', { target: 'old.example:1' }, parts({ converse }));
  if (!probed.ok) throw new Error(probed.mistake);
  expect(exposition(probed.families)).toContain('\nprobe_success 0\n');
  expect(probed.debug()).toContain(
    'level=ERROR msg="Error in the prober" module=m target=old.example:1 err="a mistake of ours"',
  );
});

test('secrets of a module are in neither debug output nor the log', async () => {
  const auth = 'basic_auth: {username: anna, password: hunter2}, http_headers: {X-Key: {secrets: [hunter3]}}';
  const made = parts({ journey: async () => refused });
  await probe(
    `modules: {m: {prober: http, http: {${auth}, proxy_url: "http://a:hunter4@127.0.0.1:1"}}}`,
    { target: 'old.example' },
    made,
  );
  expect(
    made.history
      .list()
      .map(({ debug }) => debug())
      .join(),
  ).not.toMatch(/hunter/);
});

test('a probe ends when its time is up', async () => {
  const clock = fakeClock();
  const made = {
    ...parts({
      converse: (_, { ending }) =>
        new Promise((_resolve, reject) =>
          ending.addEventListener('abort', () => reject(ending.reason), { once: true }),
        ),
    }),
    context: probing(clock),
  };
  const running = probe(
    'modules: {m: {prober: tcp, timeout: 3s}}',
    { target: '192.0.2.1:1', scrapeTimeout: '10' },
    made,
  );
  await clock.advance(2_999);
  expect(made.history.list()).toEqual([]);
  await clock.advance(1);
  const probed = await running;
  if (!probed.ok) throw new Error(probed.mistake);
  expect(exposition(probed.families)).toContain('\nprobe_duration_seconds 3\n');
  expect(probed.debug()).toContain(new DeadlineExceeded(3_000).message);
});

test('a probe ends when nobody waits for it any more', async () => {
  const gone = new AbortController();
  const asked = Promise.withResolvers<void>();
  const converse: Parameters<typeof parts>[0]['converse'] = (_, { ending }) =>
    new Promise((_resolve, reject) => {
      ending.addEventListener('abort', () => reject(ending.reason), { once: true });
      asked.resolve();
    });
  const made = parts({ converse });
  const running = probe('modules: {m: {prober: tcp}}', { target: '192.0.2.1:1', ending: gone.signal }, made);
  await asked.promise;
  gone.abort(new Error('nobody waits'));
  const probed = await running;
  if (!probed.ok) throw new Error(probed.mistake);
  expect(probed.debug()).toContain('err="nobody waits"');
});
