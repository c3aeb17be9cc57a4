/** Verdicts of past moments whose windows begin before what is kept. */
import { expect, test } from 'vitest';
import { keepingFor } from '../../../aggregator/keeping.ts';
import { sliceTable } from '../../../aggregator/slices/table.ts';
import type { Objective } from '../../../contract/objective.ts';
import { availability, bad, dayMs, good, hourMs, t0, type World, world } from './world.ts';

const minuteMs = 60_000;
const week: Objective = { ...availability, windowMs: 7 * dayMs };

/** A result a minute: the first half day of all failed. */
function fillHour(here: World, fromMs: number): void {
  for (let atMs = fromMs; atMs < fromMs + hourMs; atMs += minuteMs) here.add(atMs, atMs < t0 + dayMs / 2 ? bad : good);
}

test('what failed does not pass once the start of its window is forgotten, and nothing else is said of it', () => {
  let nowMs = t0;
  const retentionMs = 8 * dayMs;
  const here = world(() => nowMs, sliceTable({ retentionMs, maxSamples: 1_000 }));
  const judgedMs = t0 + 7 * dayMs;
  const slices = { ...week, id: 'slices', timeSlices: { sliceMs: 6 * hourMs, target: 0.9 } };
  const book = here.verdicts([week, slices], [], { retentionMs, completeThroughMs: () => nowMs - 2 * minuteMs });
  const asked = new Map<number, ReturnType<typeof book.at>>();
  for (; nowMs < t0 + 16 * dayMs; ) {
    fillHour(here, nowMs);
    nowMs += hourMs;
    here.slices.compact(nowMs);
    book.look(nowMs);
    const found = book.at(judgedMs);
    expect(book.one('up', judgedMs)?.verdict).toEqual(found[0]);
    expect(book.since(t0, judgedMs)[0]?.status).toBe(found[0]?.status);
    asked.set((nowMs - t0) / hourMs, found);
  }
  expect(asked.get(7 * 24 + 1)?.[0]).toMatchObject({ status: 'fail', final: true });
  expect(asked.get(8 * 24)).toEqual(asked.get(7 * 24 + 1));
  for (let hour = 8 * 24 + 1; hour <= 16 * 24; hour += 1) {
    for (const verdict of asked.get(hour) ?? []) {
      expect(verdict).toMatchObject({ status: 'inconclusive', final: false, needed: null });
      expect(verdict.because).toMatch(
        /^the first .* of its window are not kept any more, and the rest says nothing of/,
      );
      expect(verdict).not.toHaveProperty('could');
    }
  }
  expect(asked.get(10 * 24)?.[0]?.because).toMatch(/^the first 2.0 d of its window/);
  // That of now is never in question.
  expect(book.latest()[0]).toMatchObject({ status: 'pass' });
});

test('slices are kept for a day more than the longest window, two periods of a calendar, or seven days', () => {
  expect(keepingFor([availability]).retentionMs).toBe(8 * dayMs);
  expect(keepingFor([availability, { ...week, windowMs: 30 * dayMs }]).retentionMs).toBe(31 * dayMs);
  const calendar = { every: 'month', timeZone: 'UTC' } as const;
  const month = { ...week, windowMs: 31 * dayMs + hourMs, calendar };
  expect(keepingFor([month]).retentionMs).toBe(63 * dayMs + 2 * hourMs);
});

test('the last month is judged as long as this one lasts', () => {
  const calendar = { every: 'month', timeZone: 'UTC' } as const;
  const month: Objective = { ...week, windowMs: 31 * dayMs + hourMs, calendar };
  const { retentionMs } = keepingFor([month]);
  let nowMs = Date.parse('2026-12-01T00:00:00Z');
  const endMs = Date.parse('2027-01-01T00:00:00Z');
  const here = world(() => nowMs, sliceTable({ retentionMs, maxSamples: 1_000 }));
  for (; nowMs < endMs; nowMs += hourMs) fillHour(here, nowMs);
  nowMs = Date.parse('2027-01-31T23:59:00Z');
  here.slices.compact(nowMs);
  const [last] = here.verdicts([month], [], { retentionMs }).at(endMs - hourMs);
  expect(last).toMatchObject({ status: 'pass', final: true, n: 30 * 1_440 + 23 * 60 });
});
