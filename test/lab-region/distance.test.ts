import { expect, test } from 'vitest';
import { distances } from '../../lab/network/distance.ts';
import type { LabRegion } from '../../scenarios/world.ts';

function region(place: string, roundTripMs: Readonly<Record<string, number>>): LabRegion {
  return { jurisdiction: 'X', workloads: {}, serving: 'api', place, roundTripMs, serviceMs: 1 };
}
const regions = {
  west: region('new-york', { 'new-york': 15, london: 80 }),
  east: region('london', { 'new-york': 80, london: 45 }),
};

test('an address in 127.R is at the place of the R-th region', () => {
  const table = distances(regions);
  expect(['127.1.0.10', '127.2.1.200', '::ffff:127.2.0.9'].map(table.placeOf)).toEqual([
    'new-york',
    'london',
    'london',
  ]);
});

test('other addresses are at no place, and near everything', () => {
  const table = distances(regions);
  for (const address of ['127.0.0.1', '127.15.0.3', '10.1.0.1', '::1', '']) {
    expect(table.placeOf(address)).toBeNull();
    expect(table.roundTripMs('west', address)).toBe(0);
  }
});

test('health checkers may be away, each by its own round trip, which is the same to all doors', () => {
  const table = distances(regions, [1, 46]);
  const from = (address: string): number[] => ['west', 'east'].map((door) => table.roundTripMs(door, address));
  expect(['127.15.0.1', '127.15.0.6', '::ffff:127.15.0.16'].map(from)).toEqual([
    [1, 1],
    [16, 16],
    [46, 46],
  ]);
  expect(table.roundTripMs('west', '127.0.0.1')).toBe(0);
});

test('the round trip depends on who asks whom', () => {
  const table = distances(regions);
  expect(table.roundTripMs('west', '127.1.0.10')).toBe(15);
  expect(table.roundTripMs('west', '127.2.0.10')).toBe(80);
  expect(table.roundTripMs('east', '127.2.0.10')).toBe(45);
});

test('users have addresses of their place, and share them when there are more users than addresses', () => {
  const table = distances(regions);
  expect(table.userAddress('london', 0)).toBe('127.2.1.1');
  expect(table.userAddress('london', 253)).toBe('127.2.1.254');
  expect(table.userAddress('london', 254)).toBe('127.2.1.1');
  expect(table.placeOf(table.userAddress('london', 77))).toBe('london');
  expect(() => table.userAddress('berlin', 0)).toThrow('population.place: got berlin, want new-york, london');
});

test('every round trip that is not given is named at once', () => {
  const gaps = { west: region('new-york', { 'new-york': 15 }), east: region('london', { 'new-york': -1, london: 45 }) };
  expect(() => distances(gaps)).toThrow(
    'regions.west.roundTripMs.london: got undefined, want milliseconds from 0\n' +
      'regions.east.roundTripMs.new-york: got -1, want milliseconds from 0',
  );
});
