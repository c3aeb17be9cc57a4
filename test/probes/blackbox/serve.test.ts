/** Over sockets: what a Prometheus and a browser are answered, by itself and beside an agent. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../contract/clock.ts';
import { silent } from '../../../contract/log.ts';
import { seededRandom } from '../../../contract/random.ts';
import { startAgent } from '../../../probes/agent.ts';
import { type ModuleOptions, serveModules } from '../../../probes/blackbox/start.ts';
import { tcpTarget } from '../../fakes/tcp-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const clock = systemClock();
const environment = { ca: null, resolver: null, sourceAddress: null };
const listen = { host: '127.0.0.1', port: 0 };

function options(modules: string): ModuleOptions & { readonly dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-modules-'));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'blackbox.yml');
  writeFileSync(file, modules);
  const settings = { timeoutOffsetSeconds: 0.5, historyLimit: 100, logLevel: 'info', version: '1.2.3' } as const;
  return { file, ...settings, ownResolver: false, dir };
}

async function served(modules: string) {
  const made = options(modules);
  const server = await serveModules({ ...made, ...environment, listen }, { clock, log: silent });
  ends.push(() => server.stop());
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}${path}`, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { get, file: made.file };
}

async function greeter(): Promise<string> {
  const target = await tcpTarget((socket) => socket.end('220 hello\n'));
  ends.push(() => target.close());
  return `${target.at.host}:${target.at.port}`;
}

test('a target is probed, is in the history, and debug=true says what was seen', async () => {
  const { get } = await served('modules: {m: {prober: tcp, tcp: {query_response: [{expect: "^220"}]}}}');
  const target = await greeter();
  const probed = await get(`/probe?target=${target}&module=m`);
  expect(probed.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
  expect(probed.text).toContain('\nprobe_success 1\n');
  const debug = await get(`/probe?target=${target}&module=m&debug=true`);
  expect(debug.text).toMatch(/^Logs for the probe:\n.*\nprobe_success 1\n.*Module configuration:\nprober: tcp\n/s);
  expect((await get('/logs?id=0')).text).toContain('probe_success 1');
  expect((await get('/')).text).toContain(`<td>m</td><td>${target}</td><td>Success</td>`);
  expect((await get('/-/ready')).text).toBe('ready\n');
});

test('an unknown module is refused and counted', async () => {
  const { get } = await served('modules: {m: {prober: tcp}}');
  expect(await get('/probe?target=x&module=other')).toMatchObject({ status: 400, text: 'Unknown module "other"\n' });
  expect((await get('/metrics')).text).toContain('\nblackbox_module_unknown_total 1\n');
});

test('a metadata address is not asked, and the log says what would allow it', async () => {
  const { get } = await served(
    'modules: {m: {prober: tcp}, w: {prober: http}, d: {prober: dns, dns: {query_name: a}}}',
  );
  for (const [module, target] of [
    ['m', '169.254.169.254:80'],
    ['w', '169.254.169.254'],
    ['d', '169.254.169.254'],
  ]) {
    const { text } = await get(`/probe?target=${target}&module=${module}&debug=true`);
    expect(text).toContain('\nprobe_success 0\n');
    expect(text).toContain('--allow-target 169.254.169.254');
  }
});

test('a file that became bad keeps the modules, and one that is mended counts at once', async () => {
  const { get, file } = await served('modules: {m: {prober: tcp}}');
  writeFileSync(file, 'modules: {m: {prober: tcp, typo: 1}}');
  const refused = await get('/-/reload', { method: 'POST' });
  expect(refused.status).toBe(500);
  expect(refused.text).toMatch(/^failed to reload config: .*typo/);
  expect((await get('/metrics')).text).toContain('\nblackbox_exporter_config_last_reload_successful 0\n');
  expect((await get('/config')).text).toContain('m:');
  writeFileSync(file, 'modules: {other: {prober: icmp}}');
  expect((await get('/-/reload', { method: 'POST' })).status).toBe(200);
  expect((await get('/metrics')).text).toContain('\nblackbox_exporter_config_last_reload_successful 1\n');
  expect((await get('/config')).text).toContain('other:');
});

test('secrets are nowhere in what is shown of the modules', async () => {
  const auth = 'basic_auth: {username: anna, password: hunter2}, proxy_url: "http://a:hunter3@127.0.0.1:1"';
  const { get } = await served(`modules: {m: {prober: http, http: {${auth}, bearer_token: ""}}}`);
  const target = await greeter();
  const texts = [await get('/config'), await get(`/probe?target=${target}&module=m&debug=true`), await get('/')];
  expect(texts.map(({ text }) => text).join()).not.toMatch(/hunter/);
  expect(texts[0]?.text).toContain('<secret>');
});

test('a file that cannot be loaded at the start is a mistake with its key and line', async () => {
  const made = options('modules:\n  m:\n    prober: http\n    typo: 1\n');
  const starting = serveModules({ ...made, ...environment, listen }, { clock, log: silent });
  await expect(starting).rejects.toThrow(/--modules: .*line 4.*typo/);
});

test('an agent with an aggregator has one listener for both', async () => {
  const { dir, ...modules } = options('modules: {m: {prober: tcp}}');
  const names = { agent: 'a1', vantage: 'here', region: 'here', version: '1.2.3' };
  const agent = await startAgent(
    {
      ...names,
      ...environment,
      aggregator: null,
      token: null,
      stateDir: join(dir, 'state'),
      listen,
      ledgerFile: null,
      modules,
    },
    { clock, random: seededRandom(1), log: silent },
  );
  ends.push(() => agent.stop());
  const text = async (path: string): Promise<string> => (await fetch(`${agent.url}${path}`)).text();
  expect(await text(`/probe?target=${await greeter()}&module=m`)).toContain('\nprobe_success 1\n');
  const metrics = await text('/metrics');
  expect(metrics).toContain('\nblackstart_agent_connected 0\n');
  expect(metrics).toContain('version="1.2.3"} 1\n');
  expect(await text('/-/ready')).toBe('not ready: no assignment yet\n');
  expect(await text('/-/healthy')).toBe('Healthy');
});
