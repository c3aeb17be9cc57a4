/** A real aggregator for tests that want its memory, its log and its end: the command line in a process of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, start } from '../../fakes/program.ts';
import { bounded } from '../../lab/waiting.ts';
import { atEnd } from '../at-end.ts';

const startsWithinMs = 60_000;

export type Collecting = {
  readonly url: string;
  readonly program: Running;
  /** What it said in its log, line by line. */
  log(): readonly { readonly level: string; readonly msg: string; readonly [key: string]: unknown }[];
  /** Memory that it has in use now. */
  residentBytes(): number;
  stop(): Promise<number | null>;
  kill(): Promise<void>;
};

/** Removed after the last test of the file. */
export function workDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-counting-'));
  atEnd(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

const check = { name: 'home', kind: 'http', to: 'regions', path: '/', every: '1s', timeout: '1s' };
const scenario = {
  service: 'shop',
  entry: { api: 'http://127.0.0.1:9' },
  regions: {
    'us-east-1': { jurisdiction: 'US', share: 50, endpoint: 'http://127.0.0.1:9' },
    'eu-west-1': { jurisdiction: 'EU', share: 50, endpoint: 'http://127.0.0.1:9' },
  },
  checks: [{ ...check, expect: { status: 200 } }],
};

/** The command line of an aggregator whose agents have the token of the unit tests. */
export function commandLine(dir: string, stateDir: string): readonly string[] {
  const [file, tokenFile] = [join(dir, 'scenario.yaml'), join(dir, 'token')];
  writeFileSync(file, JSON.stringify(scenario));
  writeFileSync(tokenFile, 'write-token');
  return ['aggregator', '--scenario', file, '--listen', '127.0.0.1:0', '--state', stateDir, '--token-file', tokenFile];
}

export async function collecting(dir: string, stateDir: string): Promise<Collecting> {
  const program = start(commandLine(dir, stateDir));
  atEnd(() => program.kill('SIGKILL'));
  const [, url = ''] = await bounded(
    startsWithinMs,
    'the aggregator to listen',
    program.said(/"msg":"listening","url":"([^"]+)"/),
  );
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    program.kill(signal);
    return (await bounded(startsWithinMs, 'the aggregator to end', program.ended)).code;
  };
  return {
    url,
    program,
    log: () =>
      program
        .stderr()
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line)),
    residentBytes: () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}
