/** Where k6 is: what K6_BIN names, on the PATH, or where our script builds it. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Trouble } from '../../chaos/trouble.ts';
import type { Io } from '../io.ts';

/** The extension of deploy/k6, as `k6 version` tells it. */
const resolverExtension = 'k6/x/blackstart-resolver';
const leastMajor = 2;
const versionLimitMs = 15_000;

export type K6 = { readonly file: string /** `k6 v2.2.0`. */; readonly version: string; readonly resolves: boolean };

/** Where `npm run build:k6` puts it. */
export function builtK6(env: Io['env']): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'blackstart', 'k6', 'k6');
}

/**
 * The first that is there; where a load asks at a resolver of its own, the first that can. Throws a `Trouble` (exit 2) that
 * says where it was looked for and how to get it.
 */
export async function findK6(env: Io['env'], need: { readonly resolver: boolean }): Promise<K6> {
  const named = env['K6_BIN'];
  const places = named === undefined || named === '' ? placesOf(env) : [named];
  const files = places.filter(isProgram);
  if (files.length === 0) {
    const where = named ? `K6_BIN is ${named}, which is no program` : `none on the PATH, and no ${builtK6(env)}`;
    throw new Trouble('wrong-input', `the drill runs under load, and there is no k6 (${where}): ${way}`);
  }
  const found = await Promise.all(files.map(lookedAt));
  const fit = found.find((one) => majorOf(one) >= leastMajor && (one.resolves || !need.resolver));
  if (fit !== undefined) return fit;
  const told = found.map(({ file, version }) => `${file} is ${version}`).join(', ');
  const lacking = found.some((one) => majorOf(one) >= leastMajor)
    ? 'it has no option for a resolver, and "load.resolver" needs the extension of deploy/k6'
    : 'the drill needs k6 2';
  throw new Trouble('wrong-input', `${told}: ${lacking}; ${way}`);
}

const way = 'in a checkout of Blackstart "npm run build:k6" builds it with Go; K6_BIN names one that is somewhere else';

function placesOf(env: Io['env']): readonly string[] {
  const path = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...path.map((folder) => join(folder, 'k6')), builtK6(env)];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function lookedAt(file: string): Promise<K6> {
  return new Promise((resolve) => {
    execFile(file, ['version'], { timeout: versionLimitMs, killSignal: 'SIGKILL' }, (error, stdout) => {
      const [, version] = /^(k6 v\d+\.\S+)/.exec(stdout) ?? [];
      const untold = error === null ? 'no k6' : `no k6: ${error.message.split('\n')[0]}`;
      resolve({ file, version: version ?? untold, resolves: stdout.includes(resolverExtension) });
    });
  });
}

function majorOf({ version }: K6): number {
  return Number(/^k6 v(\d+)/.exec(version)?.[1] ?? 0);
}
