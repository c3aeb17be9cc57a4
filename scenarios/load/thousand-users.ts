/**
 * A thousand users (USERS) who ask, read, and ask again when they have their answer: while the service is slow they ask
 * less, as people do. Together they make RATE requests in a second when it is quick.
 */
import { sleep } from 'k6';
import type { Options, Scenario } from 'k6/options';
import { fresh as askFresh, pooled as askPooled, common, dns, duration, half, numberOf } from './users.ts';

const users = numberOf('USERS', 1_000);
const thinkSeconds = users / numberOf('RATE', users / 10);

const people = {
  ...common,
  executor: 'constant-vus',
  vus: half(users),
  duration,
} satisfies Partial<Scenario>;

export const options: Options = {
  dns,
  scenarios: {
    fresh: { ...people, exec: 'fresh', tags: { users: 'fresh' } },
    pooled: { ...people, exec: 'pooled', tags: { users: 'pooled' } },
  },
};

/** They think first: so they do not all come in the first second. */
function think(): void {
  sleep(thinkSeconds * 2 * Math.random());
}

export function fresh(): void {
  think();
  askFresh();
}

export function pooled(): void {
  think();
  askPooled();
}
