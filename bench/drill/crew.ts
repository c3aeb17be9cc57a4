/** Drills in labs with real sockets, some beside each other, and the table of what they showed. */
import { type ChildProcess, fork } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { printTable, type Shown } from './table.ts';
import type { Answer } from './worker.ts';

export type Wish = { readonly drills: number; readonly seed: number; readonly beside: number };

/** Awaits them all and prints their table. `false`: the bounds of some stage miss the truth. */
export async function labDrills({ drills, seed, beside }: Wish): Promise<boolean> {
  const evidenceDir = mkdtempSync(join(tmpdir(), 'blackstart-bench-evidence-'));
  const seeds = Array.from({ length: drills }, (_, index) => seed + index);
  const rows: Shown[] = [];
  let odd = 0;
  const oneAfterTheOther = async (): Promise<void> => {
    const child = fork(new URL('worker.ts', import.meta.url), { env: { ...process.env, ...account } });
    try {
      for (let next = seeds.shift(); next !== undefined; next = seeds.shift()) {
        const { told, rows: own } = await ask(child, { seed: next, evidenceDir });
        rows.push(...own.map((row) => ({ ...row, calm: told.exit === 0 })));
        if (told.exit !== 0) odd += 1;
        const note = told.exit === 0 ? '' : `: ${told.because}`;
        process.stderr.write(`seed ${told.seed}: exit ${told.exit}, ${(told.tookMs / 1_000).toFixed(1)} s${note}\n`);
        const keep = process.env['BLACKSTART_BENCH_ROWS'];
        if (keep !== undefined)
          appendFileSync(keep, own.map((row) => `${JSON.stringify({ ...row, calm: told.exit === 0 })}\n`).join(''));
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: beside }, oneAfterTheOther));
  rmSync(evidenceDir, { recursive: true, force: true });
  console.log(
    `\n${drills} drills in labs with real sockets, seeds ${seed} to ${seed + drills - 1}; ${odd} did not pass: of these only whether the truth is contained is counted\n`,
  );
  return printTable(rows);
}

/** The lab's Route 53 takes any. */
const account = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'example', AWS_SECRET_ACCESS_KEY: 'example' };

function ask(child: ChildProcess, order: { readonly seed: number; readonly evidenceDir: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const over = (code: number | null): void => reject(new Error(`the worker ended with ${code}`));
    child.once('exit', over);
    child.once('message', (answer) => {
      child.off('exit', over);
      resolve(answer as Answer);
    });
    child.send(order);
  });
}
