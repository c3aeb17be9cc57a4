import { ratioInterval } from '../../contract/statistics.ts';
import { alpha, percent } from './row.ts';

/** Region to its part of the whole, which sum to 1. */
export type Shares = Readonly<Record<string, number>>;
export type Counts = Readonly<Record<string, number>>;

/** What was counted of one region, and what its share may truly be. */
export type Part = {
  readonly region: string;
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
};
export type ShareTest = {
  /** Every share lies in the exact interval of its count, at `alpha` for all of them together. */
  readonly holds: boolean;
  readonly count: number;
  readonly parts: readonly Part[];
  /** `us-east-1 59.2 % (50.1 to 67.9 %), …` */
  readonly text: string;
};

/** Whether counts of independent draws can have come from these shares. A region without a share has one of 0. */
export function testShares(counts: Counts, shares: Shares): ShareTest {
  const regions = [...new Set([...Object.keys(shares), ...Object.keys(counts)])];
  const count = regions.reduce((sum, region) => sum + (counts[region] ?? 0), 0);
  const parts = regions.map((region): Part => {
    const own = counts[region] ?? 0;
    const [lower, upper] = ratioInterval(own, count, alpha / regions.length);
    return { region, value: count === 0 ? 0 : own / count, lower, upper };
  });
  const holds = parts.every(
    ({ region, lower, upper }) => lower <= (shares[region] ?? 0) && (shares[region] ?? 0) <= upper,
  );
  return { holds, count, parts, text: parts.map(partText).join(', ') };
}

function partText({ region, value, lower, upper }: Part): string {
  return `${region} ${percent(value)} (${(lower * 100).toFixed(1)} to ${percent(upper)})`;
}

/** The fewest draws at which a region that got none at all would be noticed. */
export function drawsNeeded(shares: Shares): number {
  const regions = Object.keys(shares).length;
  const least = Math.min(...Object.values(shares));
  return Math.ceil(Math.log(alpha / regions / 2) / Math.log(1 - least));
}

export function countsOf(regions: readonly string[]): Counts {
  const counts: Record<string, number> = {};
  for (const region of regions) counts[region] = (counts[region] ?? 0) + 1;
  return counts;
}

/** The shares of these regions alone, scaled up to 1. */
export function renormalised(shares: Shares, regions: readonly string[]): Shares {
  const whole = regions.reduce((sum, region) => sum + (shares[region] ?? 0), 0);
  return Object.fromEntries(regions.map((region) => [region, (shares[region] ?? 0) / whole]));
}

export function sharesText(shares: Shares): string {
  return Object.values(shares)
    .map((share) => Number((share * 100).toFixed(1)))
    .join('/');
}
