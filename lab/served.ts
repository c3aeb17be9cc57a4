/** The truth about who serves a client: the region that its resolver leads to, if that has a ready pod. */
import type { Cancel } from '../contract/clock.ts';
import type { PodSource } from './pods.ts';
import type { Truth } from './truth.ts';

/** What is asked of a resolver: the region that its current answer for a name leads to. */
export type LeadsTo = { cachedRegion(hostname: string): string | null; onChange(listener: () => void): Cancel };

export type ServedOptions = {
  /** Vantage to its resolver. */
  readonly resolvers: Readonly<Record<string, LeadsTo>>;
  /** Region to the pods that answer at its door. */
  readonly pods: Readonly<Record<string, PodSource>>;
  readonly hostnames: readonly string[];
  readonly truth: Truth;
};

/**
 * Writes `served` whenever who serves a vantage under a name changes. An answer that has run out goes on counting until
 * the next one comes: the client that asks then is the one that sees the change.
 */
export function watchServed({ resolvers, pods, hostnames, truth }: ServedOptions): { close(): void } {
  const led = new Map<string, string>();
  const serving = new Map<string, string | null>();
  const look = (): void => {
    for (const [vantage, resolver] of Object.entries(resolvers)) {
      for (const name of hostnames) {
        const key = `${vantage} ${name}`;
        const region = resolver.cachedRegion(name) ?? led.get(key);
        if (region === undefined) continue;
        led.set(key, region);
        const now = pods[region]?.pods().some(({ state }) => state === 'ready') === true ? region : null;
        const before = serving.get(key);
        if (before !== undefined && before !== now)
          truth({ what: 'served', region, where: vantage, name, from: before, to: now });
        serving.set(key, now);
      }
    }
  };
  const cancels = [...Object.values(resolvers), ...Object.values(pods)].map((source) => source.onChange(look));
  look();
  return {
    close() {
      for (const cancel of cancels) cancel();
    },
  };
}
