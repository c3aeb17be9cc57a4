/** Programs of others, run as a person would; those that are absent are said once, in one line. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { WorldFile } from '../../lab/world-file.ts';

const exec = promisify(execFile);
const limitMs = 20_000;

/** Whether it is installed; says so where it is not. */
export function present(program: string, argv: readonly string[]): boolean {
  const found = spawnSync(program, argv, { stdio: 'ignore' }).error === undefined;
  if (!found) process.stdout.write(`${program} is not installed: what needs it is skipped\n`);
  return found;
}

async function printed(program: string, argv: readonly string[]): Promise<string> {
  return (await exec(program, argv, { timeout: limitMs })).stdout.trim();
}

/** `kubectl` in a region's context. `cacheDir`: it leaves its cache of what the API has there. */
export function kubectl(world: WorldFile, region: string, cacheDir: string) {
  const { context, namespace } = world.regions[region] ?? { context: region, namespace: 'default' };
  const where = ['--kubeconfig', world.kubeconfig, '--context', context, '--namespace', namespace];
  return (...argv: readonly string[]): Promise<string> =>
    printed('kubectl', [...where, '--cache-dir', cacheDir, ...argv]);
}

/** The addresses that a server gives for a name, to a user in the subnet. */
export async function dig(server: string, name: string, subnet?: string): Promise<readonly string[]> {
  const [host = '', port = '53'] = server.split(':');
  const more = subnet === undefined ? [] : [`+subnet=${subnet}`];
  const text = await printed('dig', [`@${host}`, '-p', port, '+short', '+tries=1', '+time=2', ...more, name, 'A']);
  return text.split('\n').filter((line) => line !== '');
}

export type Curled = { readonly status: number; readonly headers: string };

/** One request to a region's door under its own name, its certificate held against the lab's authority. */
export async function curl(
  world: WorldFile,
  region: string,
  path: string,
  more: readonly string[] = [],
): Promise<Curled> {
  const { url = '', address = '' } = world.regions[region] ?? {};
  const { port } = new URL(url);
  const name = world.names.entry;
  const trust = ['--cacert', world.caFile, '--resolve', `${name}:${port}:${address}`];
  const text = await printed('curl', [
    '-sS',
    '-D',
    '-',
    '-o',
    join('/', 'dev', 'null'),
    ...trust,
    ...more,
    `https://${name}:${port}${path}`,
  ]);
  return { status: Number(/^HTTP\/\S+ (\d+)/.exec(text)?.[1]), headers: text.toLowerCase() };
}
