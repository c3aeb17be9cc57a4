/**
 * As many requests in each second, whatever the service does: users come all the same while a region is dark. Requests
 * for which no user is free are counted by k6 as dropped.
 */
import type { Options, Scenario } from 'k6/options';
import { common, dns, duration, fresh, half, halfPerMinute, pooled, rate, users } from './users.ts';

const arrivals = {
  ...common,
  executor: 'constant-arrival-rate',
  rate: halfPerMinute(rate),
  timeUnit: '1m',
  duration,
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
