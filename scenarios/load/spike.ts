/**
 * A tenth of the rate, and every EVERY seconds (60 by default) all of it for a third of that time: a region that takes
 * over while users come back all at once.
 */
import type { Options, Scenario, Stage } from 'k6/options';
import { common, dns, duration, fresh, half, halfPerMinute, numberOf, pooled, rate, users } from './users.ts';

const everySeconds = numberOf('EVERY', 60);
const [low, high] = [halfPerMinute(rate / 10), halfPerMinute(rate)];
const second = (share: number): string => `${Math.max(1, Math.round(everySeconds * share))}s`;
const round: readonly Stage[] = [
  { target: low, duration: second(0.55) },
  { target: high, duration: second(0.05) },
  { target: high, duration: second(0.33) },
  { target: low, duration: second(0.05) },
];
const rounds = Math.max(1, Math.ceil(Number.parseFloat(duration) / everySeconds));

const arrivals = {
  ...common,
  executor: 'ramping-arrival-rate',
  startRate: low,
  timeUnit: '1m',
  stages: Array.from({ length: rounds }, () => round).flat(),
  preAllocatedVUs: half(users),
} satisfies Partial<Scenario>;

export const options: Options = {
  dns,
  scenarios: {
    fresh: { ...arrivals, exec: 'fresh', tags: { users: 'fresh' } },
    pooled: { ...arrivals, exec: 'pooled', tags: { users: 'pooled' } },
  },
};

export { fresh, pooled };
