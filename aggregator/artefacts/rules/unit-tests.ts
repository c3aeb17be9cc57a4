/** Tests of the rules in promtool's own format, beside the rules. */
import type { RulesOptions } from '../options.ts';
import type { Ruled } from './objectives.ts';
import { burnTests } from './unit-tests/burn.ts';
import { fleetTests } from './unit-tests/fleet.ts';
import type { UnitTest } from './unit-tests/format.ts';
import { sumTests } from './unit-tests/sums.ts';

export function unitTests(ruled: readonly Ruled[], options: Omit<RulesOptions, 'version'>): readonly UnitTest[] {
  return [...burnTests(ruled, options), ...sumTests(ruled, options), ...fleetTests(options)];
}
