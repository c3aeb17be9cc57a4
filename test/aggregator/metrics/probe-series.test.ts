import { expect, test } from 'vitest';
import { probeSeries } from '../../../aggregator/metrics/probe-series.ts';
import { seriesTable } from '../../../aggregator/metrics/series.ts';
import type { CheckRow } from '../../../aggregator/store/rows.ts';

test('a check that an agent knew first has its name once it is known here', () => {
  const probes = probeSeries(seriesTable());
  const unknown: CheckRow = {
    ...{ id: 'new/eu', name: 'new/eu', target: '', kind: 'unknown' },
    ...{ region: null, entry: null, everyMs: 10_000, sinceMs: 0 },
  };
  const led = { region: 'eu', servedBy: null };
  expect(probes.of(unknown, 'us', led).labels).toEqual(['', 'new/eu', 'eu', '', 'us']);
  const known = { ...unknown, name: 'new', target: 'shop', kind: 'http' };
  expect(probes.of(known, 'us', led).labels).toEqual(['shop', 'new', 'eu', '', 'us']);
});
