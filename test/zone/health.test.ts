import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endpointHealthy, healthOf, type Known, newChecker, step } from '../../zone/health.ts';
import type { HealthCheck } from '../../zone/records.ts';

const check: HealthCheck = {
  id: 'a',
  version: 1,
  type: 'HTTPS',
  ipAddress: '127.1.0.1',
  port: 443,
  hostname: null,
  path: '/health',
  searchString: null,
  requestIntervalSeconds: 30,
  failureThreshold: 3,
  inverted: false,
  disabled: false,
  healthThreshold: 0,
  childHealthChecks: [],
};
const knownOf = (checks: readonly HealthCheck[], said: (id: string) => readonly boolean[]): Known => ({
  check: (id) => checks.find((one) => one.id === id),
  said,
});

test('a checker flips after as many opposite results in a row as the threshold says, in both directions', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), fc.integer({ min: 1, max: 10 }), (results, threshold) => {
      let state = newChecker;
      for (const [index, good] of results.entries()) {
        const before = state.healthy;
        state = step(state, good, threshold);
        const run = results.slice(Math.max(0, index + 1 - threshold), index + 1);
        if (state.healthy !== before) expect(run).toEqual(Array(threshold).fill(!before));
        else expect(run.length === threshold && run.every((one) => one !== before)).toBe(false);
      }
    }),
  );
});

test('of sixteen checkers three make an endpoint healthy and two do not', () => {
  const said = (well: number, of: number): boolean[] => Array.from({ length: of }, (_, index) => index < well);
  expect(endpointHealthy(said(3, 16))).toBe(true);
  expect(endpointHealthy(said(2, 16))).toBe(false);
  expect(endpointHealthy(said(18, 100))).toBe(false);
  expect(endpointHealthy(said(19, 100))).toBe(true);
  expect(endpointHealthy([])).toBe(true);
});

test('inverted turns the verdict round, disabled makes it healthy, both make it unhealthy', () => {
  const verdict = (change: Partial<HealthCheck>, said: boolean[]): boolean =>
    healthOf(
      'a',
      knownOf([{ ...check, ...change }], () => said),
    );
  expect(verdict({}, [false])).toBe(false);
  expect(verdict({ inverted: true }, [false])).toBe(true);
  expect(verdict({ disabled: true }, [false])).toBe(true);
  expect(verdict({ disabled: true, inverted: true }, [true])).toBe(false);
  expect(verdict({ inverted: true }, [])).toBe(false);
});

test('a calculated check counts its healthy children, disabled ones among them', () => {
  const children: HealthCheck[] = [
    { ...check, id: 'b' },
    { ...check, id: 'c' },
    { ...check, id: 'd', disabled: true },
  ];
  const parent = (healthThreshold: number): HealthCheck => ({
    ...check,
    type: 'CALCULATED',
    healthThreshold,
    childHealthChecks: ['b', 'c', 'd'],
  });
  const verdict = (threshold: number): boolean =>
    healthOf(
      'a',
      knownOf([parent(threshold), ...children], (id) => [id === 'b']),
    );
  expect(verdict(0)).toBe(true);
  expect(verdict(2)).toBe(true);
  expect(verdict(3)).toBe(false);
  expect(verdict(4)).toBe(false);
});

test('a check that is not there fails nothing over', () => {
  expect(
    healthOf(
      'gone',
      knownOf([], () => []),
    ),
  ).toBe(true);
});
