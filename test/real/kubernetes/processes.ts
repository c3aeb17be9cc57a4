/** Servers of others: started on free ports, with a log file each, and ended by their own ids. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { clock } from '../../lab/waiting.ts';

export type Server = {
  readonly name: string;
  /** Hangs: its sockets stay, and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** SIGTERM, and SIGKILL to what is still there after two seconds. */
  stop(): Promise<void>;
  /** The end of its log once it has ended by itself; `null` while it runs. */
  death(): string | null;
};

const graceMs = 2_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function startServer(name: string, argv: readonly string[], logFile: string, cwd?: string): Server {
  const [program = '', ...rest] = argv;
  const log = openSync(logFile, 'a');
  const child = spawn(program, rest, { stdio: ['ignore', log, log], ...(cwd === undefined ? {} : { cwd }) });
  closeSync(log);
  running.add(child);
  let isOver = false;
  const gone = once(child, 'close').then(() => {
    running.delete(child);
    isOver = true;
  });
  return {
    name,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      if (isOver) return;
      child.kill('SIGTERM');
      child.kill('SIGCONT');
      const cancel = clock.after(graceMs, () => child.kill('SIGKILL'));
      await gone;
      cancel();
    },
    death: () => (isOver ? `${name} ended: ${readFileSync(logFile, 'utf8').slice(-600)}` : null),
  };
}

let nextPort = 10_000 + (process.pid % 15_000);

/**
 * Below the ports that the system gives away by itself, so that a server can come back to its own; each is given once, so
 * that nobody who still looks for a server that is gone finds another in its place.
 */
export async function freePorts(count: number, host = '127.0.0.1'): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = nextPort;
    nextPort += 1;
    if (await isFree(port, host)) ports.push(port);
  }
  return ports;
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
