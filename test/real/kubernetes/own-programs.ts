/** Our own programs as they are published: bundled once, started by their ordinary command lines. */
import { execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Running, root, running } from '../../fakes/program.ts';

export type OwnPrograms = {
  /** `env` is added to what a program needs to run at all. */
  start(argv: readonly string[], env?: Readonly<Record<string, string>>): Running;
  /** One that cannot write a file longer than that: what it wants to add is refused, as by a disk that is full. */
  startOnSmallDisk(fileKilobytes: number, argv: readonly string[]): Running;
  /** From now on no file of a program that runs may grow beyond that. */
  fillDisk(program: Running, fileKilobytes: number): void;
  /** SIGKILL to what still runs. */
  stop(): Promise<void>;
};

/** Puts the bundle into `dir`, and lets the programs run and keep their temporary files there. */
export function ownPrograms(dir: string): OwnPrograms {
  const dist = join(dir, 'dist');
  execFileSync(process.execPath, [join(root, 'build.ts'), dist], { cwd: root });
  // Hundreds are started: each need not be compiled anew.
  const cache = { NODE_COMPILE_CACHE: join(dir, 'compiled') };
  const usual = { PATH: process.env['PATH'] ?? '', HOME: dir, TMPDIR: dir, NO_COLOR: '1', ...cache };
  const started = new Set<Running>();
  function keep(command: string, argv: readonly string[], env: Readonly<Record<string, string>>): Running {
    const child = spawn(command, argv, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'], env: { ...usual, ...env } });
    const program = running(child);
    started.add(program);
    void program.ended.then(() => started.delete(program));
    return program;
  }
  const main = join(dist, 'main.js');
  return {
    start: (argv, env = {}) => keep(process.execPath, [main, ...argv], env),
    startOnSmallDisk(fileKilobytes, argv) {
      const limited = `ulimit -f ${fileKilobytes}; exec "$@"`;
      return keep('bash', ['-c', limited, 'bash', process.execPath, main, ...argv], { NODE_COMPILE_CACHE: '' });
    },
    fillDisk({ pid }, fileKilobytes) {
      execFileSync('prlimit', ['--pid', String(pid), `--fsize=${fileKilobytes * 1_024}:`]);
    },
    async stop() {
      const left = [...started];
      for (const program of left) program.kill('SIGKILL');
      await Promise.all(left.map(({ ended }) => ended));
      rmSync(dist, { recursive: true, force: true });
    },
  };
}
