/** What is published: built, packed, installed into an empty project without a network, and run. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FleetAnswer, ResultsAnswer } from '../../contract/api.ts';
import { type Running, root, running } from '../fakes/program.ts';
import { until } from '../lab/waiting.ts';

const exec = promisify(execFile);
const dir = mkdtempSync(join(tmpdir(), 'blackstart-package-'));
const project = join(dir, 'project');
const installed = join(project, 'node_modules', 'blackstart');
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`, NO_COLOR: '1' };
const started: Running[] = [];
let server: Server;
let target: string;

/** The project's own Node runs what the package's `bin` names. */
function start(bin: string, argv: readonly string[], more: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(join(project, 'node_modules', '.bin', bin), argv, {
    cwd: project,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const program = running(child);
  started.push(program);
  return program;
}

async function npm(argv: readonly string[], cwd: string): Promise<string> {
  return (await exec('npm', argv, { cwd, env })).stdout;
}

let aggregators = 0;

/** With a scenario of one check, and every file that an agent needs beside it. */
async function startAggregator(): Promise<{ readonly url: string; readonly program: Running }> {
  const token = join(dir, 'token');
  writeFileSync(token, 'a-token-for-tests\n');
  const scenario = join(dir, 'scenario.yaml');
  writeFileSync(
    scenario,
    `service: demo
entry: { api: ${target} }
regions:
  here: { jurisdiction: US, share: 100, endpoint: ${target} }
checks:
  - { name: home, kind: http, to: regions, path: /, every: 1s, timeout: 950ms, expect: { status: 200 } }
`,
  );
  aggregators += 1;
  const at = ['--listen', '127.0.0.1:0', '--state', join(dir, `aggregator-${aggregators}`)];
  const program = start('blackstart', ['aggregator', '--scenario', scenario, ...at, '--token-file', token]);
  const [, url = ''] = await program.said(/"msg":"listening","url":"([^"]+)"/);
  return { url, program };
}

function agentAt(vantage: string, aggregator: string): readonly string[] {
  const place = ['--vantage', vantage, '--region', 'here', '--state', join(dir, `agent-${vantage}`)];
  return [...place, '--aggregator', aggregator, '--token-file', join(dir, 'token')];
}

beforeAll(async () => {
  server = createServer((_, response) => void response.end('well'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dist = join(dir, 'dist');
  await npm(['run', '--silent', 'build', '--', dist], root);
  const tarball = (await npm(['pack', '--silent', '--pack-destination', dir, dist], dir)).trim();
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "project", "private": true }');
  await npm(['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', join(dir, tarball)], project);
}, 120_000);

afterAll(async () => {
  for (const program of started) program.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  server?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('the package brings nothing along, and holds no source and no path of the machine that built it', () => {
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['blackstart']);
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(installed, join(entry.parentPath, entry.name)));
  for (const file of ['main.js', 'agent.js', 'agent-worker.js', 'store-worker.js', 'black-hole-worker.js', 'LICENSE'])
    expect(files).toContain(file);
  for (const file of files) {
    expect(file).toMatch(/\.js$|^package\.json$|\.md$|^LICENSE$|^load\/[a-z-]+\.ts$/);
    expect(readFileSync(join(installed, file), 'utf8').includes(root), file).toBe(false);
  }
});

test('blackstart --version says the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(await start('blackstart', ['--version']).ended).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('check makes its attempt', async () => {
  const { code, stdout } = await start('blackstart', ['check', `${target}/`, '--json']).ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'good', details: { status: 200 } });
});

test.each(['lab', 'watch', 'aggregator', 'agent', 'check', 'audit', 'drill', 'generate'])(
  '%s --help shows its usage',
  async (name) => {
    const { code, stdout } = await start('blackstart', [name, '--help']).ended;
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: blackstart ${name}`);
  },
);

test('the aggregator, the agent and the small agent count results together, and end in order', async () => {
  const { url, program: aggregator } = await startAggregator();
  const agents = [start('blackstart', ['agent', ...agentAt('v', url)]), start('blackstart-agent', agentAt('w', url))];
  const results = await until(20_000, 'results of both', async () => {
    const answer = (await (await fetch(`${url}/api/v1/results?check=home`)).json()) as ResultsAnswer;
    // A machine that is busy may miss a round, and says so.
    const made = answer.results.filter(({ outcome }) => outcome !== 'missing');
    const by = (name: string): number => made.filter(({ agent }) => agent === name).length;
    return Math.min(by('v'), by('w')) >= 3 ? made : undefined;
  });
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['good']));
  const fleet = (await (await fetch(`${url}/api/v1/fleet`)).json()) as FleetAnswer;
  expect(fleet.agents.map(({ agent, connected }) => [agent, connected]).toSorted()).toEqual([
    ['v', true],
    ['w', true],
  ]);
  expect(await (await fetch(url)).text()).toContain('<html');
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('blackstart_probe_results_total');
  for (const agent of agents) {
    const [, own = ''] = await agent.said(/"msg":"listening","url":"([^"]+)"/);
    expect(await (await fetch(`${own}/metrics`)).text()).toContain('blackstart_agent_connected 1');
    agent.kill('SIGTERM');
    expect((await agent.ended).code).toBe(0);
  }
  aggregator.kill('SIGTERM');
  expect((await aggregator.ended).code).toBe(0);
});

test('OpenTelemetry is a file of its own, which the small agent reads where it is asked to write out', async () => {
  const files = readdirSync(installed);
  expect(files).toContain('telemetry.js');
  const text = (file: string): string => readFileSync(join(installed, file), 'utf8');
  expect(text('telemetry.js')).toContain('opentelemetry.proto');
  expect(text('agent.js')).not.toContain('opentelemetry.proto');
  expect(Buffer.byteLength(text('agent.js'))).toBeLessThan(2_000_000);
  const posted = new Promise<string>((resolve) => {
    server.on('request', ({ url: path = '', method }) => {
      if (method === 'POST' && path.startsWith('/v1/')) resolve(path);
    });
  });
  const { url, program: aggregator } = await startAggregator();
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: target, OTEL_BSP_SCHEDULE_DELAY: '100' };
  const agent = start('blackstart-agent', agentAt('traced', url), otel);
  expect(await posted).toBe('/v1/traces');
  for (const program of [agent, aggregator]) {
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  }
});

test('the zone’s client is in it, and asks where AWS’s variables say', async () => {
  const { url, program: aggregator } = await startAggregator();
  const scenario = join(dir, 'zone.yaml');
  const zone = 'zone: { provider: route53, id: Z123, names: [shop.example] }\n';
  writeFileSync(scenario, `${zone}${readFileSync(join(dir, 'scenario.yaml'), 'utf8')}`);
  const aws = {
    AWS_ENDPOINT_URL_ROUTE_53: target,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'example',
    AWS_SECRET_ACCESS_KEY: 'example',
  };
  const argv = ['drill', 'observe', '--scenario', scenario, '--aggregator', url, '--token-file', join(dir, 'token')];
  const asked = new Promise<string>((resolve) => {
    server.on('request', ({ url: path = '', headers }) => {
      if (headers.authorization?.startsWith('AWS4-HMAC-SHA256') === true) resolve(path);
    });
  });
  const observing = start('blackstart', argv, aws);
  expect(await asked).toContain('/2013-04-01/hostedzone/Z123');
  observing.kill('SIGINT');
  expect((await observing.ended).code).toBe(130);
  aggregator.kill('SIGTERM');
  await aggregator.ended;
});

test('dashboards are generated with what is in the package, the same as in a checkout', async () => {
  const scenario = join(root, 'deploy/kubernetes/regions/us-east-1/scenario.yaml');
  const out = join(dir, 'grafana');
  const argv = ['generate', 'dashboards', '--scenario', scenario, '--out', out, '--json'];
  const { stdout } = await start('blackstart', argv).ended;
  const { files } = JSON.parse(stdout) as { readonly files: readonly string[] };
  expect(files.length).toBeGreaterThan(2);
  for (const file of files)
    expect(readFileSync(join(out, file), 'utf8'), file).toBe(readFileSync(join(root, 'deploy/grafana', file), 'utf8'));
});

test('rules are generated with what is in the package, the same as in a checkout', async () => {
  const folder = join(root, 'deploy/prometheus');
  const out = join(dir, 'prometheus');
  const argv = ['generate', 'rules', '--scenario', join(folder, 'scenario.yaml'), '--out', out, '--json'];
  const { stdout } = await start('blackstart', argv).ended;
  const { files } = JSON.parse(stdout) as { readonly files: readonly string[] };
  expect(files).toHaveLength(3);
  for (const file of files)
    expect(readFileSync(join(out, file), 'utf8'), file).toBe(readFileSync(join(folder, file), 'utf8'));
});

test('drill commands load what they know clusters and zones by', async () => {
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, 'apiVersion: v1\nkind: Config\ncontexts: []\n');
  const scenario = join(dir, 'clusters.yaml');
  writeFileSync(
    scenario,
    `service: demo
entry: { api: ${target} }
regions:
  here: { jurisdiction: US, share: 100, endpoint: ${target}, kubernetes: { context: here, namespace: default, workloads: [deployment/web] } }
checks:
  - { name: home, kind: http, to: regions, path: /, every: 10s }
`,
  );
  const { stdout } = await start('blackstart', ['drill', 'recover', '--scenario', scenario, '--kubeconfig', kubeconfig])
    .ended;
  expect(stdout).toMatch(/not asked {2}here\/default: kubeconfig .* does not parse: it has no contexts/);
});
