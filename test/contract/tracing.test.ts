import { expect, test } from 'vitest';
import { spanOfDrill, traceparentOf } from '../../contract/tracing.ts';

const identity = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

test('the header says whether the span is written out', () => {
  expect(traceparentOf({ ...identity, sampled: true })).toBe('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
  expect(traceparentOf({ ...identity, sampled: false })).toMatch(/-00$/);
});

test('a drill and its bursts point to the same span, and no two drills do', () => {
  const { traceId, spanId } = spanOfDrill('lose-eu-20261121t100000-3f2a');
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(spanOfDrill('lose-eu-20261121t100000-3f2a.residency')).toEqual({ traceId, spanId });
  expect(spanOfDrill('lose-eu-20261121t100000-3f2b').traceId).not.toBe(traceId);
});
