/** Keys by which a scenario says how a region's load balancer lets go of targets and takes them in. */
import { expect, test } from 'vitest';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf, type Source, sound } from './sound.ts';

const withBalancer = (balancer: unknown): Source => broken(['regions', 'us-east-1', 'loadBalancer'], balancer);

test('loadBalancer is absent unless it is written', () => {
  expect(parseScenario(sound()).regions['us-east-1']?.loadBalancer).toBeUndefined();
});

test.each([
  [{}, 300_000, 30_000],
  [{ deregistrationDelay: '5s' }, 5_000, 30_000],
  [{ deregistrationDelay: '0s', healthCheckInterval: '10s' }, 0, 10_000],
])('%j is a delay of %d ms and an interval of %d ms', (written, deregistrationDelayMs, healthCheckIntervalMs) => {
  expect(parseScenario(withBalancer(written)).regions['us-east-1']?.loadBalancer).toEqual({
    deregistrationDelayMs,
    healthCheckIntervalMs,
  });
});

test.each([
  [{ deregistrationDelay: '2h' }, 'deregistrationDelay: got "2h", want a duration of at most 3600000ms'],
  [{ deregistrationDelay: 300 }, 'deregistrationDelay: got 300, want a duration with a unit'],
  [{ healthCheckInterval: '0s' }, 'healthCheckInterval: got "0s", want a duration of more than 0'],
  [{ delay: '5s' }, 'delay: got the unknown key "delay"'],
])('%j is a mistake', (written, mistake) => {
  expect(mistakesOf(withBalancer(written))[0]).toContain(`regions.us-east-1.loadBalancer.${mistake}`);
});
