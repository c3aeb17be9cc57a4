/** A disk that is full: a small file system of its own, which needs the right to mount one. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ResultsAnswer } from '../../../contract/api.ts';
import { result, welcomed } from '../../aggregator/harness.ts';
import { until } from '../../lab/waiting.ts';
import { collecting, workDir } from './processes.ts';

const dir = workDir();
const disk = join(dir, 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' }).status === 0;
if (!mounted) process.stdout.write('no file system can be mounted here: what needs a small one is skipped\n');
afterAll(() => {
  if (mounted) spawnSync('umount', ['--lazy', disk]);
});

const perFrame = 100;
const waitMs = 60_000;

function sumOf(metrics: string, name: string): number {
  const lines = [...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return lines.reduce((sum, [, value]) => sum + Number(value), 0);
}

test.skipIf(!mounted)(
  'a full disk stops acknowledging and says so; a kill loses nothing acknowledged; with room again it goes on by itself',
  async () => {
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(1_572_864));
    const first = await collecting(dir, join(disk, 'state'));
    const agent = await welcomed(first.url);
    let acked = 0;
    agent.socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as { readonly type: string; readonly seq: number };
      if (frame.type === 'ack') acked = Math.max(acked, frame.seq);
    });
    const frameFrom = (fromSeq: number) => ({
      type: 'results' as const,
      boot: agent.boot,
      fromSeq,
      results: Array.from({ length: perFrame }, (_, index) => result(fromSeq + index)),
    });
    let sent = 0;
    await until(
      waitMs,
      'the disk to be full',
      async () => {
        if (first.log().some(({ msg }) => msg.startsWith('results cannot be stored'))) return true;
        agent.send(frameFrom(sent + 1));
        sent += perFrame;
        return undefined;
      },
      5,
    );
    // One more that certainly comes after: it is not acknowledged either.
    const ackedWhenFull = acked;
    agent.send(frameFrom(sent + 1));
    sent += perFrame;
    const ready = await fetch(`${first.url}/-/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(/none is acknowledged: database or disk is full/);
    const metrics = await (await fetch(`${first.url}/metrics`)).text();
    expect(sumOf(metrics, 'blackstart_store_failing')).toBe(1);
    expect(sumOf(metrics, 'blackstart_commits_total')).toBeGreaterThan(0);
    await until(waitMs, 'another try', async () => {
      const text = await (await fetch(`${first.url}/metrics`)).text();
      return Number(/blackstart_commits_total\{result="failed"\} (\d+)/.exec(text)?.[1]) > 1 ? true : undefined;
    });
    expect(acked).toBe(ackedWhenFull);
    expect(first.log().filter(({ msg }) => msg.startsWith('results cannot be stored'))).toHaveLength(1);
    await first.kill();

    const second = await collecting(dir, join(disk, 'state'));
    const again = await welcomed(second.url);
    expect(again.welcome.ackedSeq).toBeGreaterThanOrEqual(acked);
    for (let seq = again.welcome.ackedSeq + 1; seq <= sent; seq += perFrame) again.send(frameFrom(seq));
    await until(waitMs, 'it to say that it is full', async () =>
      (await fetch(`${second.url}/-/ready`)).status === 503 ? true : undefined,
    );
    rmSync(filler);
    for (let seq = again.welcome.ackedSeq; seq < sent; ) seq = (await again.next('ack')).seq;
    expect((await fetch(`${second.url}/-/ready`)).status).toBe(200);
    expect(second.log().map(({ msg }) => msg)).toContain('the disk takes results again');
    const seqs = new Set<number>();
    let results = 0;
    for (let before = ''; ; ) {
      const page = (await (await fetch(`${second.url}/api/v1/results?limit=10000${before}`)).json()) as ResultsAnswer;
      for (const { seq } of page.results) seqs.add(seq);
      results += page.results.length;
      if (page.next === null) break;
      before = `&before=${page.next}`;
    }
    expect([results, seqs.size, Math.max(...seqs)]).toEqual([sent, sent, sent]);
    expect(await second.stop()).toBe(0);
  },
);
