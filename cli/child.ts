/** Other programs of ours as child processes: started by their ordinary command lines, ended by their own ids. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Clock } from '../contract/clock.ts';
import { isObject } from '../contract/json.ts';

export type Child = {
  readonly name: string;
  readonly pid: number;
  /** The arguments and the variables added to the environment, as a user would write them. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The address of the first line; rejects when the program ended before it said one. */
  readonly listening: Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Asks with SIGTERM (or the signal given), and after `graceMs` insists. Resolves when the process is gone. */
  stop(graceMs: number, signal?: NodeJS.Signals): Promise<void>;
};

export type ChildPlan = {
  readonly name: string;
  /** Node, its arguments, and the script. */
  readonly self: readonly string[];
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** All that it writes to stderr is kept here. */
  readonly logFile: string;
  readonly onLine?: (line: string) => void;
};

export function startChild(plan: ChildPlan, clock: Clock): Child {
  const [command = '', ...before] = plan.self;
  const child = spawn(command, [...before, ...plan.argv], {
    // A group of its own: Ctrl-C at a terminal reaches only the program at the front, which ends the others in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited(process.env), ...plan.env },
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('error', () => resolve({ code: null, signal: null }));
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    name: plan.name,
    pid: child.pid ?? -1,
    argv: plan.argv,
    env: plan.env,
    listening: watchLines(child, plan, ended),
    ended,
    async stop(graceMs, signal = 'SIGTERM') {
      child.kill(signal);
      const cancel = clock.after(graceMs, () => child.kill('SIGKILL'));
      await ended;
      cancel();
    },
  };
}

/** What a program needs of the environment to run at all; anything else it is given by name. */
function inherited(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NO_COLOR'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

function watchLines(child: ChildProcess, plan: ChildPlan, ended: Child['ended']): Promise<string> {
  const log = createWriteStream(plan.logFile, { flags: 'a' });
  const last: string[] = [];
  if (child.stdout !== null && plan.onLine !== undefined)
    createInterface({ input: child.stdout }).on('line', plan.onLine);
  else child.stdout?.resume();
  return new Promise((resolve, reject) => {
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        log.write(`${line}\n`);
        last.push(line);
        if (last.length > 5) last.shift();
        const url = listeningUrl(line);
        if (url !== undefined) resolve(url);
      });
    }
    void ended.then(({ code, signal }) => {
      log.end();
      reject(new Error(`${plan.name} ended (${signal ?? `exit ${code}`}) before it listened: ${last.join(' | ')}`));
    });
  });
}

function listeningUrl(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const fields: unknown = JSON.parse(line);
    return isObject(fields) && fields['msg'] === 'listening' && typeof fields['url'] === 'string'
      ? fields['url']
      : undefined;
  } catch {
    return undefined;
  }
}
