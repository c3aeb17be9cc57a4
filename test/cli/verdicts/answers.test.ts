/** Whatever answers in the place of an aggregator: nothing but a verdict makes a pipeline green. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { exitOfStatus } from '../../../cli/exit.ts';
import type { Status } from '../../../contract/verdict.ts';
import { atEnd, clock } from '../../aggregator/harness.ts';
import { command } from '../../fakes/command-line.ts';

/** Tells the time as an aggregator does, and answers everything else with this. Returns the option that names it. */
async function answering(body: (nowMs: number) => string, status = 200): Promise<string> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const nowMs = clock.nowMs();
    const isClock = url.pathname === '/api/v1/clock';
    const told = { t1: Number(url.searchParams.get('t1')), t2: nowMs, t3: nowMs };
    response.writeHead(isClock ? 200 : status, { 'content-type': 'application/json' });
    response.end(isClock ? JSON.stringify(told) : body(nowMs));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function explained(nowMs: number, over: object = {}): object {
  return {
    ...{ id: 'up', status: 'pass', because: 'all good', measured: 1, target: 0.9, n: 60, interval: [0.94, 1] },
    ...{ needed: null, missing: 0, at: nowMs, final: false },
    ...{ slices: [], window: { fromMs: nowMs - 600_000, toMs: nowMs } },
    ...{ indicator: 'availability', newestMs: nowMs, everyMs: 1_000, doubt: null },
    ...over,
  };
}

const answers: readonly (readonly [string, (nowMs: number) => string])[] = [
  ['nothing', () => ''],
  ['null', () => 'null'],
  ['an empty object', () => '{}'],
  ['a list', () => '[]'],
  ['a bare pass', () => '{"status":"pass"}'],
  ['a page', () => '<!doctype html><title>Welcome</title>'],
  ['another status', (nowMs) => JSON.stringify(explained(nowMs, { status: 'degraded' }))],
  ['no status', (nowMs) => JSON.stringify(explained(nowMs, { status: null }))],
  ['a pass in capitals', (nowMs) => JSON.stringify(explained(nowMs, { status: 'PASS' }))],
  ['a pass of nothing', (nowMs) => JSON.stringify(explained(nowMs, { n: 0 }))],
  ['the verdict on another objective', (nowMs) => JSON.stringify(explained(nowMs, { id: 'fast' }))],
  ['a verdict that does not say whether it is in doubt', (nowMs) => JSON.stringify(explained(nowMs, { doubt: 0 }))],
];

const spending = {
  ...{ allowedMs: 1, spent: 0, spentByDrills: 0, left: 1, burns: [] },
  exhaustedIn: { atThisRateMs: null, betweenMs: [1, null] },
};

test.each([
  ['text', 'hello', 'budget: got "hello", want an object'],
  ['empty', {}, 'budget.allowedMs: got nothing, want a number from 0'],
  ['without numbers', { ...spending, allowedMs: 'x' }, 'budget.allowedMs: got "x", want a number from 0'],
  ['without an end', { ...spending, exhaustedIn: null }, 'budget.exhaustedIn: got null, want an object'],
  ['without burns', { ...spending, burns: null }, 'budget.burns: got null, want a list'],
  ['with a burn that is none', { ...spending, burns: [null] }, 'budget.burns[0]: got null, want an object'],
])('a budget that is %s is no answer', async (_, budget, trouble) => {
  const at = await answering((nowMs) => JSON.stringify(explained(nowMs, { budget })));
  const { code, stderr } = await command(['status', 'up', `--aggregator=${at}`]);
  expect([code, stderr]).toEqual([3, expect.stringContaining(trouble)]);
  const whole = await answering((nowMs) => JSON.stringify(explained(nowMs, { budget: spending })));
  expect((await command(['status', 'up', `--aggregator=${whole}`])).code).toBe(0);
});

describe('gate', () => {
  test.each(answers)('is inconclusive where the answer is %s', async (_, body) => {
    const at = await answering(body);
    const text = await command(['gate', '--objective=up', `--aggregator=${at}`]);
    expect([text.code, text.stdout.split(' ')[0]]).toEqual([3, 'inconclusive']);
    const json = await command(['gate', '--objective=up', `--aggregator=${at}`, '--json']);
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'inconclusive', objectives: [{ id: 'up', answer: null }] });
  });

  test('says what was answered, and passes by the next of several', async () => {
    const odd = await answering((nowMs) => JSON.stringify(explained(nowMs, { status: 'degraded' })));
    const good = await answering((nowMs) => JSON.stringify(explained(nowMs)));
    const { stdout } = await command(['gate', '--objective=up', `--aggregator=${odd}`]);
    expect(stdout).toContain(
      'what answers /api/v1/verdicts/up is no aggregator, or one of another version: ' +
        'status: got "degraded", want pass, fail or inconclusive',
    );
    expect((await command(['gate', '--objective=up', `--aggregator=${odd},${good}`])).code).toBe(0);
  });
});

describe('status', () => {
  test('takes a pass of two hours ago only where a past moment was asked for', async () => {
    const at = await answering((nowMs) => JSON.stringify(explained(nowMs - 7_200_000)));
    const now = await command(['status', 'up', `--aggregator=${at}`]);
    expect([now.code, now.stdout]).toEqual([3, expect.stringContaining('want one of now')]);
    const then = await command(['status', 'up', `--aggregator=${at}`, `--at=${Math.floor(clock.nowMs()) - 7_200_000}`]);
    expect(then.code).toBe(0);
  });

  const lists = answers.map(([name, body]) => [name, body] as const);

  test.each(lists)('of one objective is unreachable where the answer is %s', async (_, body) => {
    const at = await answering(body);
    const { code, stdout, stderr } = await command(['status', 'up', `--aggregator=${at}`, '--json']);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).not.toBe('');
  });

  test.each(lists)('of all is unreachable where one is %s', async (name, body) => {
    // A list may be of any objectives, and doubt is not in it.
    if (name.includes('another objective') || name.includes('doubt')) return;
    const at = await answering((nowMs) => `{"verdicts":[${body(nowMs)}]}`);
    const { code, stdout } = await command(['status', `--aggregator=${at}`, '--json']);
    expect(stdout.includes('"pass"')).toBe(false);
    expect(code).toBe(3);
  });

  test('of all is unreachable where there is no list', async () => {
    for (const body of ['{}', 'null', '{"verdicts":{}}', '{"verdicts":null}']) {
      const at = await answering(() => body);
      expect((await command(['status', `--aggregator=${at}`])).code, body).toBe(3);
    }
  });
});

test('only a pass exits as one', () => {
  expect([undefined, null, '', 'degraded', 'PASS'].map((status) => exitOfStatus(status as Status))).toEqual([
    3, 3, 3, 3, 3,
  ]);
});
