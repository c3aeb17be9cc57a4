/** What a published agent costs before it does anything: the time until its first line, and its memory when idle. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from '../contract/clock.ts';
import { quantile } from '../contract/statistics.ts';

const clock = systemClock();
const starts = 15;
const idleMs = 10_000;
const dir = mkdtempSync(join(tmpdir(), 'blackstart-bench-'));

type Started = { readonly firstLineMs: number; readonly pid: number; end(): Promise<void> };

/** An agent with an aggregator that is away: it listens, and waits. */
function startAgent(name: string): Promise<Started> {
  const where = ['--vantage', name, '--region', 'here', '--aggregator', 'http://127.77.0.1:9400'];
  const atMs = clock.nowMs();
  const child = spawn(process.execPath, [join(dir, 'dist/agent.js'), ...where, '--state', join(dir, name)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return new Promise((resolve, reject) => {
    child.stderr.once('data', () => {
      resolve({
        firstLineMs: clock.nowMs() - atMs,
        pid: child.pid ?? -1,
        end() {
          child.kill('SIGTERM');
          return ended;
        },
      });
    });
    void ended.then(() => reject(new Error('the agent ended before it said anything')));
  });
}

/** Resident memory as the kernel counts it; `null` where it does not say. */
function rssMb(pid: number): number | null {
  try {
    const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? null : Number(kb) / 1_024;
  } catch {
    return null;
  }
}

try {
  const built = spawnSync(process.execPath, ['build.ts', join(dir, 'dist')], { stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the build failed');
  const times: number[] = [];
  for (let run = 0; run < starts; run += 1) {
    const agent = await startAgent(`start-${run}`);
    times.push(agent.firstLineMs);
    await agent.end();
  }
  const idle = await startAgent('idle');
  await sleep(clock, idleMs);
  const memoryMb = rssMb(idle.pid);
  await idle.end();
  const ordered = times.toSorted((a, b) => a - b);
  const [p50, worst] = [quantile(ordered, 0.5) ?? Number.NaN, ordered.at(-1) ?? Number.NaN];
  console.log(`| the bundled agent | measured | wanted |
|---|---|---|
| start until its first line, p50 of ${starts} | ${p50.toFixed(0)} ms | < 300 ms |
| start until its first line, worst of ${starts} | ${worst.toFixed(0)} ms | |
| resident memory, idle for ${idleMs / 1_000} s | ${memoryMb === null ? 'not known here' : `${memoryMb.toFixed(0)} MB`} | < 80 MB |`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
