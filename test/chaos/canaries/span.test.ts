/** The span of lost writes, against what is true and against counting every moment. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lostSpan, type Write } from '../../../chaos/canaries/span.ts';
import { seededRandom } from '../../../contract/random.ts';

/** A write in a row, 10 ms long, every 100 ms: `k` kept, `L` lost, `.` not acknowledged. */
function row(marks: string): Write[] {
  const fates = { k: 'kept', L: 'lost', '.': 'silent' } as const;
  return [...marks].map((mark, index) => ({
    startMs: index * 100,
    endMs: index * 100 + 10,
    fate: fates[mark as keyof typeof fates],
  }));
}

describe('the span of lost writes', () => {
  test('reaches from between the last kept write and the first lost one to between the last lost one and the silence', () => {
    // The first lost write at 200, the last at 500; kept at 100, silent from 600 on.
    expect(lostSpan(row('kkLLLL.....kk'))).toEqual({ lowerMs: 290, upperMs: 1_010 - 390 });
  });

  test('is at most one gap where nothing is missing', () => {
    expect(lostSpan(row('kkkk'))).toEqual({ lowerMs: 0, upperMs: 110 });
    expect(lostSpan(row('kkkk.......kk')).upperMs).toBe(810 - 590);
  });

  test('may reach back any time where nothing was kept before', () => {
    expect(lostSpan(row('LLL..'))).toEqual({ lowerMs: 190, upperMs: null });
  });

  test('adds up pieces, and leaves out what was kept between them', () => {
    expect(lostSpan(row('kLLkkkkkLLk'))).toEqual({ lowerMs: 180, upperMs: 2 * 310 });
  });

  test('puts writes that overlap in no order', () => {
    const kept = { startMs: 50, endMs: 400, fate: 'kept' } as const;
    const lost = [60, 160, 260].map((startMs) => ({ startMs, endMs: startMs + 10, fate: 'lost' }) as const);
    const before = { startMs: 0, endMs: 10, fate: 'kept' } as const;
    // The kept one may have taken effect between any two of the lost ones.
    expect(lostSpan([before, kept, ...lost])).toEqual({ lowerMs: 0, upperMs: 400 });
  });
});

const small = fc.array(
  fc.record({ at: fc.integer({ min: 0, max: 30 }), long: fc.integer({ min: 1, max: 8 }), isLost: fc.boolean() }),
  { minLength: 1, maxLength: 9 },
);

/** Every window between two quarters, each moment looked at by itself. */
function counted(writes: readonly Write[], endMs: number): { readonly least: number; readonly most: number | null } {
  const step = 0.5;
  const [kept, lost] = [writes.filter(({ fate }) => fate === 'kept'), writes.filter(({ fate }) => fate === 'lost')];
  const edges = Array.from({ length: (endMs + 3) / step }, (_, index) => -2 + index * step + step / 2);
  const isWindow = (fromMs: number, untilMs: number): boolean =>
    untilMs >= fromMs &&
    lost.some((write) => write.startMs <= untilMs && write.endMs >= fromMs) &&
    !kept.some((write) => write.startMs >= fromMs && write.endMs <= untilMs);
  const reached = new Set<number>();
  for (const fromMs of edges) {
    for (const untilMs of edges.filter((edge) => edge <= endMs)) {
      if (isWindow(fromMs, untilMs)) for (const at of edges) if (at >= fromMs && at < untilMs) reached.add(at);
    }
  }
  const certain = edges.filter((at) =>
    lost.some((a) =>
      lost.some(
        (c) => a.endMs <= at && at + step <= c.startMs && !kept.some((k) => k.startMs < c.startMs && k.endMs > a.endMs),
      ),
    ),
  );
  return { least: certain.length * step, most: reached.has(edges[0] ?? 0) ? null : reached.size * step };
}

test('is what counting every moment of every window gives', () => {
  fc.assert(
    fc.property(small, (drawn) => {
      const writes = drawn.map(
        ({ at, long, isLost }): Write => ({ startMs: at, endMs: at + long, fate: isLost ? 'lost' : 'kept' }),
      );
      fc.pre(writes.some(({ fate }) => fate === 'lost'));
      const endMs = Math.max(...writes.map((write) => write.endMs));
      const { least, most } = counted(writes, endMs);
      const span = lostSpan(writes);
      // The grid lies off the edges of writes by a quarter: so much on each side of a window.
      expect(Math.abs(span.lowerMs - least)).toBeLessThanOrEqual(0.5 * writes.length);
      expect(span.upperMs === null).toBe(most === null);
      if (span.upperMs !== null && most !== null)
        expect(Math.abs(span.upperMs - most)).toBeLessThanOrEqual(0.5 * writes.length);
    }),
    { seed: 5, numRuns: 60 },
  );
});

type Truth = { readonly writes: readonly Write[]; readonly lostMs: number; readonly windows: number };

/** A region with replication that stalls now and then and at last dies with it; each write takes effect at a moment that nobody sees. */
function history(seed: number): Truth {
  const random = seededRandom(seed);
  const everyMs = 50 + random() * 450;
  const longestMs = random() < 0.3 ? everyMs * (1 + random() * 5) : everyMs * random();
  const apartMs = 6 * (everyMs + longestMs);
  const windows: { fromMs: number; untilMs: number }[] = [];
  let atMs = apartMs;
  for (let piece = 0; piece < 1 + Math.floor(random() * 3); piece += 1) {
    const lengthMs = random() * 20 * everyMs;
    windows.push({ fromMs: atMs, untilMs: atMs + lengthMs });
    atMs += lengthMs + apartMs * (1 + random());
  }
  const death = windows.at(-1)?.untilMs ?? 0;
  const backMs = death + random() * 40 * everyMs;
  const writes: Write[] = [];
  const hit = new Set<object>();
  for (let startMs = 0; startMs < backMs + apartMs; startMs += everyMs * (0.9 + random() * 0.2)) {
    const endMs = startMs + random() * longestMs;
    const effectMs = startMs + random() * (endMs - startMs);
    const window = windows.find(({ fromMs, untilMs }) => effectMs >= fromMs && effectMs < untilMs);
    if (window !== undefined) hit.add(window);
    const isDown = effectMs >= death && effectMs < backMs;
    writes.push({ startMs, endMs, fate: window !== undefined ? 'lost' : isDown ? 'silent' : 'kept' });
  }
  const seen = windows.filter((window) => hit.has(window));
  return {
    writes: writes.sort(() => random() - 0.5),
    lostMs: seen.reduce((total, { fromMs, untilMs }) => total + untilMs - fromMs, 0),
    windows: seen.length,
  };
}

test('contains the truth of 2,000 random histories, and is no wider than the writes are apart and long', () => {
  const wrong = Array.from({ length: 2_000 }, (_, seed) => {
    const { writes, lostMs, windows } = history(seed + 1);
    const { lowerMs, upperMs } = lostSpan(writes);
    const starts = writes.map(({ startMs }) => startMs).sort((a, b) => a - b);
    const gapMs = Math.max(...starts.slice(1).map((at, index) => at - (starts[index] ?? 0)));
    const longMs = Math.max(...writes.map(({ startMs, endMs }) => endMs - startMs));
    // Each window has two edges, and the silence at its end two more.
    const widthMs = (2 * windows + 2) * 2 * (gapMs + longMs);
    const top = upperMs ?? Number.POSITIVE_INFINITY;
    const isRight = windows === 0 ? lowerMs === 0 : lowerMs <= lostMs && lostMs <= top;
    return isRight && (longMs > gapMs || top - lowerMs <= widthMs)
      ? null
      : { seed: seed + 1, lowerMs, lostMs, upperMs, widthMs };
  }).filter((one) => one !== null);
  expect(wrong).toEqual([]);
});
