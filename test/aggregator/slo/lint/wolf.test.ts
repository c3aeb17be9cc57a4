/** Burn alerts that don't cry wolf: years of probes of services that are exactly as good as their objective. */
import { describe, expect, test } from 'vitest';
import { burnPairs } from '../../../../aggregator/slo/burn.ts';
import { burstAlarmsPerYear, falseAlarmsPerYear } from '../../../../aggregator/slo/lint/false-alarms.ts';
import { seededRandom } from '../../../../contract/random.ts';
import { alarms, failures, type Service } from './years.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
const pairs = burnPairs(30 * dayMs);
const [page] = pairs;

/** Four standard deviations of a count above what is expected of it. */
function most(expected: number): number {
  return Math.ceil(expected + 4 * Math.sqrt(expected));
}

const independent: readonly (readonly [string, Service, number])[] = [
  ['99.9 % at one probe a minute', { target: 0.999, stepMs: minuteMs, burst: 1 }, 60],
  ['99.99 % at one probe a minute', { target: 0.9999, stepMs: minuteMs, burst: 1 }, 200],
  ['99 % at one probe a minute', { target: 0.99, stepMs: minuteMs, burst: 1 }, 6],
  ['99 % at one probe in five minutes', { target: 0.99, stepMs: 5 * minuteMs, burst: 1 }, 20],
];

describe.each(independent)('on target: %s, failures independent', (_name, service, years) => {
  const failed = failures(service, years, seededRandom(8));
  test.each(pairs.map((pair) => [`${pair.severity} at ${pair.factor}`, pair] as const))(
    'a %s fires no more often than lint says, and at one look in a hundred at most',
    (_pair, pair) => {
      const { began, share } = alarms(pair, service, failed);
      expect(began).toBeLessThanOrEqual(most(falseAlarmsPerYear(pair, service.target, service.stepMs) * years));
      expect(share).toBeLessThanOrEqual(0.01);
    },
  );
});

test('at one probe a minute against 99.9 % a page comes for nothing less than once in 500 years', () => {
  const pages = pairs.filter(({ severity }) => severity === 'page');
  const aYear = pages.reduce((sum, pair) => sum + falseAlarmsPerYear(pair, 0.999, minuteMs), 0);
  expect(aYear).toBeLessThan(1 / 500);
});

test('the bound is not idle: the slowest pair comes nearly as often as it says', () => {
  const service: Service = { target: 0.999, stepMs: minuteMs, burst: 1 };
  const slowest = pairs.at(-1) ?? pairs[0];
  if (slowest === undefined) throw new Error('no pair');
  const years = 60;
  const { began } = alarms(slowest, service, failures(service, years, seededRandom(8)));
  expect(began / years).toBeGreaterThan(falseAlarmsPerYear(slowest, service.target, service.stepMs) / 2);
});

const bursty: readonly (readonly [string, number, number])[] = [
  ['two', 2, 60],
  ['four', 4, 20],
];

describe.each(bursty)(
  'exactly on target at one probe a minute, failures in outages of %s probes',
  (_name, burst, years) => {
    const service: Service = { target: 0.999, stepMs: minuteMs, burst };
    const failed = failures(service, years, seededRandom(5));
    test.each(pairs.map((pair) => [`${pair.severity} at ${pair.factor}`, pair] as const))(
      'a %s fires no more often than lint says',
      (_pair, pair) => {
        const bound = burstAlarmsPerYear(pair, service.target, service.stepMs, burst) * years;
        expect(alarms(pair, service, failed).began).toBeLessThanOrEqual(most(bound));
      },
    );
  },
);

test('an outage that is long enough is an alarm by itself, and no outage is more than one', () => {
  if (page === undefined) throw new Error('no pair');
  const service: Service = { target: 0.999, stepMs: minuteMs, burst: 10 };
  const years = 10;
  const failed = failures(service, years, seededRandom(6));
  const { began } = alarms(page, service, failed);
  const outages = failed.filter((probe, index) => failed[index - 1] !== probe - 1).length;
  expect(began).toBeLessThanOrEqual(outages);
  expect(began).toBeGreaterThan(0.9 * outages);
});

test('a pair that cannot fire has no false alarms', () => {
  const impossible = { longMs: 3_600_000, shortMs: 300_000, factor: 14.4 };
  expect(falseAlarmsPerYear(impossible, 0.93, minuteMs)).toBe(0);
  expect(burstAlarmsPerYear(impossible, 0.93, minuteMs, 5)).toBe(0);
});
