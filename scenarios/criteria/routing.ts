import { ratioInterval } from '../../contract/statistics.ts';
import type { Row } from '../../contract/verdict.ts';
import type { Facts } from '../world.ts';
import { alpha, counted, type Finding, fail, inconclusive, listed, pass, percent, row, tallied } from './row.ts';

/** Each name server has been asked by each vantage. */
const answersNeeded = 12;

/** Where the entry name leads when it is asked with the client subnet of a place, straight at the authorities. */
export function routingRow(facts: Facts, place: string, region: string): Row {
  const led = facts.results
    .filter((result) => result.check === 'geo' && result.checkId.startsWith(`geo/${place}@`))
    .filter((result) => (result.details.answers?.length ?? 0) > 0)
    .map((result) => result.region ?? `an address of no region`);
  const limit = `every answer leads to ${region}`;
  return row({ id: `routing.${place}`, limit, evidence: [`geo/${place}`] }, judge(led, place, region));
}

function judge(led: readonly string[], place: string, region: string): Finding {
  const right = led.filter((found) => found === region).length;
  const [lower, upper] = ratioInterval(right, led.length, alpha);
  const measured = led.length === 0 ? null : { value: right / led.length, lower, upper, unit: 'ratio' };
  const elsewhere = led.filter((found) => found !== region);
  const asked = `${counted(led.length, 'answer')} to ${place}`;
  if (elsewhere.length > 0) {
    const share = percent(elsewhere.length / led.length);
    return fail(
      `${elsewhere.length} of ${asked} (${share}) led to ${listed(tallied(elsewhere))}, not ${region}`,
      measured,
    );
  }
  return led.length < answersNeeded
    ? inconclusive(`${asked}, want at least ${answersNeeded}`, measured)
    : pass(`all ${asked} led to ${region}`, measured);
}
