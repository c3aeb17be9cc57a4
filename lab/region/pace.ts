import { hashOf, type Random } from '../../contract/random.ts';

/** Standard deviation of the logarithm: the 95th percentile is then twice the mean, the 99th 2.8 times. */
const sigma = 0.5;
/** The fastest pod is this much faster than the mean, the slowest as much slower. */
const podSpread = 0.2;

/** How long a pod takes for a request: log-normal around `meanMs`, each pod with a steady lead or lag of its own. */
export function pace(meanMs: number, random: Random): (podName: string) => number {
  return (podName) => {
    const lag = 1 + podSpread * ((hashOf(podName) / 0xffffffff) * 2 - 1);
    return meanMs * lag * Math.exp(sigma * normal(random) - (sigma * sigma) / 2);
  };
}

/** Box and Muller; `1 - random()` is never 0. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
