import { expect, test } from 'vitest';
import { federateText } from '../../../aggregator/federation/federate.ts';
import { parseSelector } from '../../../aggregator/federation/matchers.ts';
import { parseExposition } from '../../../aggregator/metrics/parse-exposition.ts';
import { renderText } from '../../../aggregator/metrics/render.ts';
import { systemClock } from '../../../contract/clock.ts';
import { sampleCut, written } from './sample-cut.ts';

const clock = systemClock();

test.each(['text', 'openmetrics'] as const)('as %s it is what it was', async (format) => {
  const text = (await written(renderText(sampleCut(), format, clock))).toString();
  await expect(text).toMatchFileSnapshot(`../../golden/metrics/metrics.${format}.txt`);
  const families = parseExposition(text, format === 'openmetrics');
  if (typeof families === 'string') throw new Error(families);
  const samples = text.split('\n').filter((line) => line !== '' && !/^#|_created/.test(line));
  expect(families.flatMap((family) => family.samples)).toHaveLength(samples.length);
});

test('federated it is what it was', async () => {
  const selectors = ['{__name__=~"blackstart_probe_.+"}', '{region="eu"}'].map(parseSelector);
  const text = (await written(federateText(sampleCut(), selectors, clock))).toString();
  await expect(text).toMatchFileSnapshot('../../golden/metrics/federate.txt');
});

test('a bound of a histogram can be selected', async () => {
  const text = await written(federateText(sampleCut(), [parseSelector('{le=~"0.5|1.0", vantage="us"}')], clock));
  expect([...text.toString().matchAll(/le="([^"]+)"/g)].map(([, bound]) => bound)).toEqual(['0.5', '1.0']);
});
