/** Runs the command line as a user would, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type Running = {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when the output so far (stdout and stderr) matches; rejects when the program ends before. */
  said(pattern: RegExp): Promise<RegExpMatchArray>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ran>;
};

/** `env` is added to the test's own. */
export function start(argv: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = root): Running {
  const child = spawn(process.execPath, [join(root, 'cli/main.ts'), ...argv], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  return running(child);
}

/** Runs to the end. */
export function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return start(argv, env).ended;
}

/** For programs that are started in other ways. */
export function running(child: ChildProcess): Running {
  const text = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Ran>((resolve) => child.on('close', (code) => resolve({ code, ...text })));
  return {
    pid: child.pid ?? -1,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    said(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const match = text.stdout.match(pattern) ?? text.stderr.match(pattern);
          if (match === null) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then(({ code }) =>
          reject(new Error(`ended with ${code} before it said ${pattern}:\n${text.stdout}\n${text.stderr}`)),
        );
      });
    },
    kill: (signal) => child.kill(signal),
    ended,
  };
}
