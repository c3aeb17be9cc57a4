/** A folder for one test file, the programs that it starts, and the end of both. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Running, start } from '../fakes/program.ts';

export type Workshop = {
  readonly dir: string;
  /** Writes a file and gives its path. */
  file(name: string, text: string): string;
  /** Starts a program that has ended when the test file ends. */
  start(argv: readonly string[]): Running;
  /** The temporary folder of the programs, and what is in it. */
  left(): readonly string[];
};

export function workshop(): Workshop {
  // Made when first asked for: of a file whose tests are all skipped nothing is cleaned up.
  let made: string | undefined;
  const folder = (): string => {
    made ??= mkdtempSync(join(tmpdir(), 'blackstart-cli-'));
    return made;
  };
  const tmp = (): string => {
    const path = join(folder(), 'tmp');
    mkdirSync(path, { recursive: true });
    return path;
  };
  const running: Running[] = [];
  afterAll(async () => {
    for (const program of running) program.kill('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  });
  return {
    get dir() {
      return folder();
    },
    file(name, text) {
      const path = join(folder(), name);
      writeFileSync(path, text);
      return path;
    },
    start(argv) {
      const program = start(argv, { TMPDIR: tmp() });
      running.push(program);
      return program;
    },
    left: () => readdirSync(tmp()),
  };
}

export const writeToken = 'a-token-for-tests';

export type Aggregator = { readonly program: Running; readonly url: string; readonly tokenFile: string };

/** A real aggregator process on a free port. */
export async function startAggregator(shop: Workshop, more: readonly string[] = []): Promise<Aggregator> {
  const tokenFile = shop.file('token', `${writeToken}\n`);
  const state = join(shop.dir, 'aggregator');
  const program = shop.start([
    'aggregator',
    '--listen=127.0.0.1:0',
    `--state=${state}`,
    `--token-file=${tokenFile}`,
    ...more,
  ]);
  return { program, url: await listeningUrl(program), tokenFile };
}

/** What the first line of a daemon says. Rejects when it is anything else. */
export async function listeningUrl(program: Running): Promise<string> {
  await program.said(/\n/);
  const [first = ''] = program.stderr().split('\n');
  const line = JSON.parse(first) as { level: string; msg: string; url: string };
  if (line.level !== 'info' || line.msg !== 'listening') throw new Error(`first line: ${first}`);
  return line.url;
}

/** The value of one series of `/metrics`, summed over what the text matches; 0 when there is none. */
export async function metric(url: string, series: RegExp): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => !line.startsWith('#') && series.test(line));
  // A sample of another server's has its time behind its value.
  return lines.reduce((sum, line) => sum + Number(/^[^{ ]+(?:\{.*\})? (\S+)/.exec(line)?.[1]), 0);
}
