/** Bounds on label sets: whoever has too many harms its own series, and nobody else's. */
import type { MetricEntry } from '../../contract/catalogue.ts';

export type LabelLimits = {
  readonly perMetric: number;
  readonly perVantage: number;
  /** Of one check at one vantage: what a target or an agent says about itself is in these. */
  readonly perCheck: number;
};

const defaults: LabelLimits = { perMetric: 50_000, perVantage: 20_000, perCheck: 200 };
const overflowValue = '__overflow__';
const maxValueLength = 256;

export type LabelGuard = {
  /** The values themselves when there is room; those of an overflow series otherwise. */
  admit(entry: MetricEntry, values: readonly string[], children: number): readonly string[];
};

export function labelGuard(limits: LabelLimits = defaults): LabelGuard {
  const counted = new Map<string, number>();

  function isFull(key: string, most: number): boolean {
    return (counted.get(key) ?? 0) >= most;
  }

  return {
    admit(entry, values, children) {
      const whole = values.map(() => overflowValue);
      if (children >= 2 * limits.perMetric) return same(whole, values);
      const ofCheck = overflowOf(entry, values, keptOfCheck);
      const ofVantage = overflowOf(entry, values, keptOfVantage);
      // Overflow series are few, and have room beyond the limits.
      if ([whole, ofVantage, ofCheck].some((form) => same(form, values) === values)) return values;
      if (children >= limits.perMetric) return whole;
      const long = values.map((value) => (value.length > maxValueLength ? overflowValue : value));
      const { vantage, check } = groupsOf(entry, long);
      if (vantage !== null && isFull(vantage, limits.perVantage)) return ofVantage;
      if (check !== null && isFull(check, limits.perCheck)) return ofCheck;
      if (long.some((value, index) => value !== values[index])) return long;
      for (const key of [vantage, check]) if (key !== null) counted.set(key, (counted.get(key) ?? 0) + 1);
      return values;
    },
  };
}

/** Labels with few values, and those that say whose series overflow. */
const keptOfVantage: ReadonlySet<string> = new Set(['vantage', 'reason', 'outcome']);
const keptOfCheck: ReadonlySet<string> = new Set([...keptOfVantage, 'check', 'target']);

function overflowOf(entry: MetricEntry, values: readonly string[], kept: ReadonlySet<string>): readonly string[] {
  return values.map((value, index) =>
    kept.has(entry.labels[index] ?? '') && value.length <= maxValueLength ? value : overflowValue,
  );
}

/** The very same values when they are equal: that nothing was changed. */
function same(made: readonly string[], values: readonly string[]): readonly string[] {
  return made.every((value, index) => value === values[index]) ? values : made;
}

function groupsOf(entry: MetricEntry, values: readonly string[]) {
  const at = entry.labels.indexOf('vantage');
  if (at < 0) return { vantage: null, check: null };
  const vantage = `${entry.name}\u0000${values[at] ?? ''}`;
  const check = entry.labels.indexOf('check');
  return { vantage, check: check < 0 ? null : `${vantage}\u0000${values[check] ?? ''}` };
}

/** Halves of surrogate pairs would all be written alike, and a NUL parts the values of an id. */
export function cleanValue(value: string): string {
  return value.isWellFormed() && !value.includes('\u0000')
    ? value
    : value.toWellFormed().replaceAll('\u0000', '\ufffd');
}
