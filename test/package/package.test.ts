/** What is published: built, packed, installed into an empty project without a network, and run. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
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
function start(bin: string, argv: readonly string[]): Running {
  const child = spawn(join(project, 'node_modules', '.bin', bin), argv, {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const program = running(child);
  started.push(program);
  return program;
}

async function npm(argv: readonly string[], cwd: string): Promise<string> {
  return (await exec('npm', argv, { cwd, env })).stdout;
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
  const files = readdirSync(installed);
  for (const file of ['main.js', 'agent.js', 'store-worker.js', 'LICENSE']) expect(files).toContain(file);
  for (const file of files) {
    expect(file).toMatch(/\.js$|^package\.json$|\.md$|^LICENSE$/);
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

test.each(['lab', 'watch', 'aggregator', 'agent', 'check', 'audit', 'drill'])(
  '%s --help shows its usage',
  async (name) => {
    const { code, stdout } = await start('blackstart', [name, '--help']).ended;
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: blackstart ${name}`);
  },
);

test('the aggregator and the small agent count results together, and end in order', async () => {
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
  - { name: home, kind: http, to: regions, path: /, every: 200ms, timeout: 150ms, expect: { status: 200 } }
`,
  );
  const given = ['--token-file', token];
  const at = ['--listen', '127.0.0.1:0', '--state', join(dir, 'aggregator')];
  const aggregator = start('blackstart', ['aggregator', '--scenario', scenario, ...at, ...given]);
  const [, url = ''] = await aggregator.said(/"msg":"listening","url":"([^"]+)"/);
  const place = ['--vantage', 'v', '--region', 'here', '--state', join(dir, 'agent')];
  const agent = start('blackstart-agent', [...place, '--aggregator', url, ...given]);
  const results = await until(15_000, 'five good results', async () => {
    const answer = (await (await fetch(`${url}/api/v1/results?check=home`)).json()) as ResultsAnswer;
    return answer.results.length >= 5 ? answer.results : undefined;
  });
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['good']));
  const fleet = (await (await fetch(`${url}/api/v1/fleet`)).json()) as FleetAnswer;
  expect(fleet.agents).toMatchObject([{ agent: 'v', connected: true }]);
  expect(await (await fetch(url)).text()).toContain('<html');
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('blackstart_probe_results_total');
  agent.kill('SIGTERM');
  expect((await agent.ended).code).toBe(0);
  aggregator.kill('SIGTERM');
  expect((await aggregator.ended).code).toBe(0);
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
