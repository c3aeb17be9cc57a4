/** How k6 is run and ended, with a stand-in for it: what it tells is read, and it never outlives what asked for it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadVerdict } from '../../../chaos/load.ts';
import type { RunningLoad } from '../../../chaos/load.ts';
import { graceMs, type K6Run, startK6 } from '../../../cli/load/process.ts';
import type { Clock } from '../../../contract/clock.ts';
import type { LoadFacts } from '../../../contract/load.ts';
import { type FakeClock, fakeClock } from '../../fakes/clock.ts';
import { requestLine, type StandIn, standIn } from './stand-in.ts';

const about = { program: 'k6 v2.2.0', script: 's.ts', wanted: {} };
const boundMs = 3_600_000;

type Started = { readonly load: RunningLoad; readonly ended: Promise<LoadFacts>; readonly summaryFile: string };

function start({ dir, file }: StandIn, clock: Clock, more: Partial<K6Run> = {}): Started {
  const { promise, resolve } = Promise.withResolvers<LoadFacts>();
  const summaryFile = join(dir, 'summary.json');
  const env = { SUMMARY: summaryFile, READY: join(dir, 'ready') };
  const run: K6Run = { file, argv: [], env, summaryFile, boundMs, about, onEnd: resolve, ...more };
  return { load: startK6(run, clock), ended: promise, summaryFile };
}

/** Resolves when it has told a request, which it does when it is ready for signals. */
async function begun({ load }: Started): Promise<void> {
  while (!load.began()) await new Promise((resolve) => setImmediate(resolve));
}

const summary = JSON.stringify({ metrics: { iterations: { count: 5 }, http_reqs: { count: 5 } } });
const obedient = `
process.on('SIGINT', () => { require('node:fs').writeFileSync(process.env.SUMMARY, ${JSON.stringify(summary)}); process.exit(105); });
process.stdout.write(${requestLine});
setInterval(() => undefined, 1000);`;
const deaf = `
process.on('SIGINT', () => process.stdout.write(${requestLine}));
process.stdout.write(${requestLine});
setInterval(() => undefined, 1000);`;

describe('a load that is asked to end', () => {
  test('ends with what it told, and its summary', async () => {
    const started = start(standIn(obedient), fakeClock());
    await begun(started);
    expect(started.load.over()).toBeNull();
    const facts = await started.load.end();
    expect(facts).toMatchObject({ ...about, exitCode: 105, ended: 'asked', thrown: 0, summary: { iterations: 5 } });
    expect(facts.buckets).toMatchObject([{ users: 'fresh', requests: 1, failed: 0 }]);
    expect(await started.load.end()).toBe(facts);
    expect(started.load.over()).toBe(facts);
    expect(loadVerdict(facts).status).toBe('pass');
  });

  test('and does not is killed when its time is up, and that is no pass', async () => {
    const clock: FakeClock = fakeClock();
    const started = start(standIn(deaf), clock);
    await begun(started);
    const ending = started.load.end();
    await clock.advance(graceMs);
    const facts = await ending;
    expect(facts).toMatchObject({ exitCode: null, ended: 'killed', summary: null });
    expect(loadVerdict(facts).status).toBe('inconclusive');
  });

  test('and had started programs of its own is killed with them', async () => {
    const clock: FakeClock = fakeClock();
    const child = `process.on('SIGINT', () => undefined); require('node:fs').writeFileSync(process.env.READY, String(process.pid)); setInterval(() => undefined, 1000);`;
    const parent = standIn(
      `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });${deaf}`,
    );
    const started = start(parent, clock);
    await begun(started);
    while (!existsSync(join(parent.dir, 'ready'))) await new Promise((resolve) => setImmediate(resolve));
    const ending = started.load.end();
    await clock.advance(graceMs);
    // Its output is at an end only when the last one that has it is gone.
    expect(await ending).toMatchObject({ ended: 'killed' });
  });
});

describe('a load that nobody asks', () => {
  test('is asked to end when its time is up', async () => {
    const clock: FakeClock = fakeClock();
    const started = start(standIn(obedient), clock);
    await begun(started);
    await clock.advance(boundMs);
    expect(await started.ended).toMatchObject({ exitCode: 105, ended: 'asked' });
  });

  test('and ends by itself says so, and asking it afterwards changes nothing', async () => {
    const started = start(standIn(`process.stdout.write(${requestLine}); process.exitCode = 99;`), fakeClock());
    const facts = await started.ended;
    expect(facts).toMatchObject({ exitCode: 99, ended: 'itself' });
    expect(await started.load.end()).toBe(facts);
  });

  test('and cannot be started is an end as well', async () => {
    const { dir } = standIn('');
    const facts = await start({ dir, file: join(dir, 'nothing') }, fakeClock()).ended;
    expect(facts.exitCode).toBeNull();
    expect(facts.said[0]).toContain('ENOENT');
    expect(loadVerdict(facts).status).toBe('inconclusive');
  });
});

describe('what it tells', () => {
  test('on stderr is counted, and of it only the first different errors are kept', async () => {
    const thrown = (index: string): string =>
      `JSON.stringify({ level: 'error', msg: 'Error: no good ' + ${index} + '\\n\\tat default', scenario: 'fresh', source: 'stacktrace' }) + '\\n'`;
    const told = `
let text = JSON.stringify({ level: 'info', msg: 'hello' }) + '\\n' + 'panic: no json\\n';
text += JSON.stringify({ level: 'error', msg: 'Error: setup', source: 'stacktrace' }) + '\\n';
for (let index = 0; index < 5000; index += 1) text += ${thrown('index % 50')};
process.stderr.write(text);`;
    const facts = await start(standIn(told), fakeClock()).ended;
    expect(facts.thrown).toBe(5_000);
    expect(facts.said).toHaveLength(10);
    expect(facts.said.slice(0, 3)).toEqual(['panic: no json', 'Error: setup', 'Error: no good 0 at default']);
  });

  test('fills no pipe: megabytes are read and dropped', async () => {
    const flood = `
const line = 'x'.repeat(1000) + '\\n';
let left = 20000;
const more = () => { while (left-- > 0) if (!process.stdout.write(line)) return process.stdout.once('drain', more); process.stdout.write(${requestLine}); };
more();`;
    const facts = await start(standIn(flood), fakeClock()).ended;
    expect(facts.exitCode).toBe(0);
    expect(facts.buckets).toMatchObject([{ requests: 1 }]);
  });
});
