import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metricsFile, metricsPage } from '../../docs/metrics.ts';

test('docs/metrics.md is what the catalogue says: write it again with npm run docs:metrics', () => {
  expect(readFileSync(metricsFile, 'utf8')).toBe(metricsPage());
});
