import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differFromMs, type Held, heldAfter, isElsewhere, roundsHeld } from '../../aggregator/ingest/hold.ts';
import type { FleetAnswer } from '../../contract/api.ts';
import { closeCodes, encode, parseFromAgent, type Span } from '../../contract/wire.ts';
import { until } from '../lab/waiting.ts';
import { aggregator, getJson, result, sendResults, welcomed } from './harness.ts';

const spans = fc
  .uniqueArray(fc.integer({ min: 0, max: 1_000 }), { maxLength: 9 })
  .map((moments) => [...moments].sort((a, b) => a - b))
  .map((moments): readonly Span[] =>
    moments.flatMap((fromMs, index): readonly Span[] =>
      index % 2 === 0 ? [[fromMs, moments[index + 1] ?? null]] : [],
    ),
  );

describe('which rounds are ours', () => {
  test('two that share the time share the rounds: none is lost and none is double, whatever the clocks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: -9, max: 9 }),
        (moveMs, everyMs, ahead) => {
          const stretch = { fromMs: -10_000, toMs: 20_000 };
          const shiftMs = ahead * everyMs;
          const before = roundsHeld([[-1e9, moveMs]], everyMs, stretch, shiftMs);
          const after = roundsHeld([[moveMs, null]], everyMs, stretch, shiftMs);
          expect(before + after).toBe(roundsHeld(null, everyMs, stretch, 0));
        },
      ),
    );
  });

  test('the agent’s word holds from where it begins; what was known of the time before stays', () => {
    expect(heldAfter(null, { knownFromMs: 100, spans: [] })).toEqual([[Number.MIN_SAFE_INTEGER, 100]]);
    expect(heldAfter([[0, null]], { knownFromMs: 100, spans: [[150, null]] })).toEqual([
      [0, 100],
      [150, null],
    ]);
    expect(
      heldAfter(
        [
          [0, 50],
          [60, null],
        ],
        { knownFromMs: 55, spans: [[60, 70]] },
      ),
    ).toEqual([
      [0, 50],
      [60, 70],
    ]);
  });

  test('said twice it is the same, and where two differ is found', () => {
    fc.assert(
      fc.property(spans, spans, (before, said) => {
        const hold = { knownFromMs: said[0]?.[0] ?? 500, spans: said };
        const once = heldAfter(before, hold);
        expect(differFromMs(once, heldAfter(once, hold))).toBeNull();
        const fromMs = differFromMs(before, once);
        const at = (held: Held, atMs: number): number => roundsHeld(held, 1, { fromMs: atMs, toMs: atMs + 1 }, 0);
        for (let atMs = -1; atMs < (fromMs ?? 1_001); atMs += 1) expect(at(before, atMs)).toBe(at(once, atMs));
        if (fromMs !== null) expect(at(before, fromMs)).not.toBe(at(once, fromMs));
      }),
      { numRuns: 30 },
    );
  });

  test('an agent is elsewhere when its last span has ended, or it never had one here', () => {
    expect([null, [], [[0, 5]], [[0, null]]].map((held) => isElsewhere({ held: held as Held }))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('the frame', () => {
  test('is read as it was written', () => {
    const frame = {
      type: 'hold',
      boot: 'b',
      knownFromMs: 5,
      spans: [
        [5, 9],
        [12, null],
      ],
    } as const;
    expect(parseFromAgent(encode(frame))).toEqual({ ok: true, frame });
  });

  test('with spans out of order, open ones in the middle, or too many of them it is garbled', () => {
    const many = Array.from({ length: 65 }, (_, index) => [index, index]);
    for (const wrong of [
      [[5, 4]],
      [
        [5, null],
        [6, 7],
      ],
      [
        [5, 8],
        [7, 9],
      ],
      [[5]],
      ['x'],
      'x',
      [[5, '7']],
      many,
    ]) {
      const text = JSON.stringify({ v: 1, type: 'hold', boot: 'b', knownFromMs: 5, spans: wrong });
      expect(parseFromAgent(text), text.slice(0, 80)).toMatchObject({ ok: false, code: closeCodes.garbled });
    }
  });

  test('makes an agent one of elsewhere, and one of ours again', async () => {
    const { url } = await aggregator();
    const agent = await welcomed(url);
    const is = (connected: boolean) =>
      until(20_000, `connected to be ${connected}`, async () => {
        const [found] = (await getJson<FleetAnswer>(url, '/api/v1/fleet')).agents;
        return found?.connected === connected && (found.elsewhere === true) === !connected ? true : undefined;
      });
    await is(true);
    agent.send({ type: 'hold', boot: agent.boot, knownFromMs: 0, spans: [[0, 10]] });
    await is(false);
    agent.send({
      type: 'hold',
      boot: agent.boot,
      knownFromMs: 0,
      spans: [
        [0, 10],
        [20, null],
      ],
    });
    await is(true);
  });

  test('is the word of one start: the next is ours until it says otherwise', async () => {
    const { url } = await aggregator();
    const first = await welcomed(url, { boot: 'boot-1' });
    first.send({ type: 'hold', boot: 'boot-1', knownFromMs: 0, spans: [[0, 10]] });
    const shown = (elsewhere: boolean) =>
      until(20_000, `elsewhere to be ${elsewhere}`, async () => {
        const [found] = (await getJson<FleetAnswer>(url, '/api/v1/fleet')).agents;
        return (found?.elsewhere === true) === elsewhere ? true : undefined;
      });
    await shown(true);
    first.socket.terminate();
    await welcomed(url, { boot: 'boot-2' });
    await shown(false);
  });
});

test('the series of a vantage end when its agent has another', async () => {
  const { url } = await aggregator();
  const before = await welcomed(url, { boot: 'boot-1', vantage: 'before' });
  await sendResults(before, [result(1)]);
  const metrics = async (): Promise<string> => (await fetch(new URL('/metrics', url))).text();
  await until(20_000, 'its series', async () => (await metrics()).includes('vantage="before"} ') || undefined);
  before.socket.terminate();
  const after = await welcomed(url, { boot: 'boot-2', vantage: 'after' });
  await sendResults(after, [result(1)]);
  const probes = (await metrics()).split('\n').filter((line) => line.startsWith('blackstart_probe_results_total'));
  expect(probes.join('\n')).not.toContain('vantage="before"');
});
