import type { Random } from '../../contract/random.ts';

const firstMs = 200;
const longestMs = 10_000;

/** How long to wait after so many failures in a row (1, 2, …): doubling, and spread so that a fleet does not return at once. */
export function backoffMs(failures: number, random: Random): number {
  const fullMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 20));
  return fullMs / 2 + (random() * fullMs) / 2;
}
