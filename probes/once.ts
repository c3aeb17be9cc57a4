import type { Check, RegionAddresses } from '../contract/check.ts';
import type { Clock } from '../contract/clock.ts';
import type { Observation } from '../contract/result.ts';
import { attempt } from './attempt.ts';
import { type EnvironmentOptions, environment } from './environment.ts';
import { regionIndex } from './regions.ts';

export type OnceOptions = EnvironmentOptions & {
  /** Host names or addresses of each region's endpoints, where they are known. */
  readonly regions?: RegionAddresses;
};

/** One attempt from here, with nothing of an agent around it. Throws `Mistakes` when the options are wrong. */
export async function probeOnce(
  check: Check,
  options: OnceOptions,
  deps: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<Observation> {
  const probing = await environment(options, deps);
  const regions = regionIndex(probing.resolver);
  regions.assign(options.regions ?? {});
  const signal = deps.signal ?? new AbortController().signal;
  await regions.refresh(signal, deps.clock);
  return attempt(check, { clock: deps.clock, ...probing, regionOf: regions.regionOf }, signal);
}
