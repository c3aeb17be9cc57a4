/** A folder of its own for a lab: what it leaves behind, where, and which processes are its. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, start } from '../fakes/program.ts';

export type Place = {
  readonly dir: string;
  /** For `--out`. */
  readonly outDir: string;
  /** The temporary folder of the lab and of all that it starts; also the mark by which they are known. */
  readonly tmpDir: string;
  /** Where it is started. */
  readonly cwd: string;
};

export function newPlace(): Place {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-lab-'));
  const [outDir, tmpDir, cwd] = [join(dir, 'out'), join(dir, 'tmp'), join(dir, 'cwd')];
  mkdirSync(tmpDir);
  mkdirSync(cwd);
  return { dir, outDir, tmpDir, cwd };
}

export function removePlace({ dir }: Place): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

export function startAt(place: Place, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  return start(argv, { ...env, TMPDIR: place.tmpDir }, place.cwd);
}

/** Everything that is there but `--out`: nothing, when all went well. */
export function leftIn({ dir, tmpDir, cwd }: Place): readonly string[] {
  const beside = readdirSync(dir).filter((name) => !['out', 'tmp', 'cwd'].includes(name));
  return [
    ...beside,
    ...readdirSync(tmpDir).map((name) => `tmp/${name}`),
    ...readdirSync(cwd).map((name) => `cwd/${name}`),
  ];
}

export type Command = {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
};

/** The programs that the lab has started so far. */
export function commandsOf({ outDir }: Place): readonly Command[] {
  const file = join(outDir, 'commands.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Command);
}

/** Processes that live and were started here, by us or by what we started. */
export function processesOf(place: Place): readonly string[] {
  return existsSync('/proc/self/environ') ? bornHere(place) : commandsOf(place).filter(lives).map(shown);
}

function bornHere({ tmpDir }: Place): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => textOf(`/proc/${pid}/environ`).split('\0').includes(`TMPDIR=${tmpDir}`))
    .map((pid) => `${pid}: ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
}

/** Empty for a process that has just ended, and for one of another user, which is none of ours. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function lives({ pid }: Command): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function shown({ pid, argv }: Command): string {
  return `${pid}: ${argv.join(' ')}`;
}
