import { expect, test } from 'vitest';
import { renderText } from '../../../aggregator/metrics/render.ts';
import { exemplarLabels, traceBook } from '../../../aggregator/metrics/traces.ts';
import { instantClock } from '../../fakes/instant-clock.ts';
import { filled, labels, sampleCut } from './sample-cut.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

test('an exemplar names its trace before its result', async () => {
  const series = filled();
  const origin = { boot: series.bootOf('us-1', 'boot-2'), seq: 9, atMs: 1_700_000_000_500 };
  series.traced(origin, traceId);
  series.add(series.slot('probeResults', [...labels, 'good', '']), 1, origin);
  let text = '';
  for await (const piece of renderText(sampleCut(series), 'openmetrics', instantClock())) text += piece;
  expect(text).toContain(` # {trace_id="${traceId}",id="us-1/boot-2/9"} 1 1700000000.500\n`);
  expect(text).toContain(' # {id="us-1/1700000000000-abc/');
});

test('the trace is left out where both would be longer than OpenMetrics allows', () => {
  expect(exemplarLabels('x'.repeat(86), traceId)).toHaveLength(2);
  expect(exemplarLabels('x'.repeat(87), traceId)).toEqual([['id', 'x'.repeat(87)]]);
  expect(exemplarLabels('a/b/1', undefined)).toEqual([['id', 'a/b/1']]);
});

test('so many traces are remembered, the newest, and only those that are some', () => {
  const book = traceBook(2);
  for (const seq of [1, 2, 3]) book.note({ boot: 1, seq }, traceId);
  expect([1, 2, 3].map((seq) => book.of({ boot: 1, seq }))).toEqual([undefined, traceId, traceId]);
  for (const wrong of ['', traceId.toUpperCase(), `${traceId}"}`, traceId.slice(1)])
    book.note({ boot: 2, seq: 1 }, wrong);
  expect(book.of({ boot: 2, seq: 1 })).toBeUndefined();
});
