import { expect, test } from 'vitest';
import { seededRandom } from '../../contract/random.ts';
import { pace } from '../../lab/region/pace.ts';

const draws = 20_000;
function sample(podName: string, meanMs: number): number[] {
  const takesMs = pace(meanMs, seededRandom(11));
  return Array.from({ length: draws }, () => takesMs(podName)).sort((a, b) => a - b);
}

test('a pod takes the mean on average, give or take its own lead or lag, and twice that at the 95th percentile', () => {
  for (const pod of ['agent-api-1', 'agent-api-2', 'another']) {
    const times = sample(pod, 5);
    const meanMs = times.reduce((sum, ms) => sum + ms, 0) / draws;
    expect(meanMs).toBeGreaterThan(5 * 0.79);
    expect(meanMs).toBeLessThan(5 * 1.21);
    expect((times[draws * 0.95] ?? 0) / meanMs).toBeCloseTo(2.0, 1);
    expect(times[0]).toBeGreaterThan(0);
  }
});

test('a service that takes no time takes none', () => {
  expect(sample('pod', 0).at(-1)).toBe(0);
});

test('a seed repeats itself', () => {
  expect(sample('pod', 5)).toEqual(sample('pod', 5));
});
