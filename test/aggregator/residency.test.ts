import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ExplainedAnswer } from '../../contract/api.ts';
import type { Check } from '../../contract/check.ts';
import type { Objective } from '../../contract/objective.ts';
import {
  aggregator,
  atEnd,
  bad,
  clock,
  getJson,
  httpCheck,
  result,
  sendResults,
  start,
  stateDir,
  welcomed,
} from './harness.ts';

const write: Check<'residency'> = {
  ...httpCheck('write', null),
  kind: 'residency',
  method: 'POST',
  userCountry: 'DE',
  expect: { answer: 'served', servedIn: ['eu-west-1'], storedIn: ['eu-west-1'] },
};
const objective: Objective = {
  id: 'residency',
  check: 'write',
  region: null,
  from: 'all',
  indicator: { kind: 'residency', target: 0.9 },
  windowMs: 3_600_000,
};
const over = { assignment: { version: 1, checks: [write], regions: {}, references: [] }, objectives: [objective] };

function counted({ n, measured, missing, slices }: ExplainedAnswer) {
  return { n, measured, missing, bad: slices.reduce((sum, slice) => sum + slice.bad, 0) };
}

test('leaks are counted as such, attempts that got no answer as missing, and so after a restart', async () => {
  const dir = stateDir();
  const first = await start({ ...over, stateDir: dir });
  const agent = await welcomed(first.url);
  const startMs = Math.floor(clock.nowMs() / 1_000) * 1_000 - 20_000;
  const at = (seq: number) => ({ check: 'write', region: 'eu-west-1', startMs: startMs + seq * 100, round: 0 });
  await sendResults(agent, [
    ...[1, 2, 3, 4, 5, 6].map((seq) => result(seq, at(seq))),
    bad(7, { ...at(7), details: { status: 201, storedIn: 'us-east-1', leak: true } }),
    bad(8, { ...at(8), details: { status: 503 } }),
    bad(9, { ...at(9), failedAt: 'connect' }),
    // Of an agent that does not say what is a leak.
    bad(10, { ...at(10), details: { status: 200 } }),
  ]);
  const want = { n: 8, measured: 6 / 8, missing: 2, bad: 2 };
  expect(counted(await getJson<ExplainedAnswer>(first.url, '/api/v1/verdicts/residency'))).toEqual(want);
  // As a kill would leave it, with results that are in the log alone, and as an orderly end does.
  const killed = join(stateDir(), 'killed');
  cpSync(dir, killed, { recursive: true });
  await first.stop();
  for (const state of [killed, dir]) {
    const next = await start({ ...over, stateDir: state });
    atEnd(() => next.stop());
    expect(counted(await getJson<ExplainedAnswer>(next.url, '/api/v1/verdicts/residency'))).toEqual(want);
  }
});

test('a vantage that is broken is no witness of a leak', async () => {
  const checks = [write, httpCheck('home', 'us-east-1'), httpCheck('home', 'eu-west-1')];
  const { url } = await aggregator({ ...over, assignment: { ...over.assignment, checks } });
  const us = await welcomed(url);
  const eu = await welcomed(url, { agent: 'a2', vantage: 'eu-west-1', region: 'eu-west-1', boot: 'boot-2' });
  const startMs = Math.floor(clock.nowMs() / 1_000) * 1_000;
  const at = { startMs, round: startMs / 1_000 };
  const elsewhere = { ...at, check: 'home/eu-west-1', region: 'eu-west-1' };
  const written = { ...at, check: 'write', region: 'eu-west-1' };
  // What answers it everything with a page of its own is not the service.
  await sendResults(us, [bad(1, at), bad(2, elsewhere), bad(3, { ...written, details: { status: 200, leak: true } })]);
  await sendResults(eu, [result(1, at), result(2, elsewhere), result(3, written)]);
  await fetch(new URL('/api/v1/quorum', url));
  const found = await getJson<ExplainedAnswer>(url, '/api/v1/verdicts/residency');
  expect(counted(found)).toEqual({ n: 1, measured: 1, missing: 1, bad: 0 });
});
