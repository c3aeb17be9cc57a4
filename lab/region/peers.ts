/** What regions know of each other: each copies, again and again, how many records its peers have stored. */
import { type Clock, every } from '../../contract/clock.ts';

/** What a region has last heard of a peer. */
export type Heard = { readonly records: number; readonly ageMs: number };

export type Peers = {
  /** What a region knows of its peers; one that was never heard is left out. */
  heardBy(region: string): Readonly<Record<string, Heard>>;
  /** Whether a region can reach a peer. Either side is enough to part them. */
  reaches(region: string, peer: string, is: boolean): void;
  close(): void;
};

/** How often each is asked. */
const askEveryMs = 250;

export function peers(regions: readonly string[], recordsOf: (region: string) => number, clock: Clock): Peers {
  const parted = new Set<string>();
  const heard = new Map<string, { readonly records: number; readonly atMs: number }>();
  const way = (from: string, to: string): string => `${from} ${to}`;

  async function ask(): Promise<void> {
    for (const region of regions) {
      for (const peer of regions) {
        if (region === peer || parted.has(way(region, peer)) || parted.has(way(peer, region))) continue;
        heard.set(way(region, peer), { records: recordsOf(peer), atMs: clock.nowMs() });
      }
    }
  }
  const cancel = every(clock, askEveryMs, ask, () => undefined);

  return {
    heardBy: (region) =>
      Object.fromEntries(
        regions.flatMap((peer) => {
          const last = heard.get(way(region, peer));
          return last === undefined ? [] : [[peer, { records: last.records, ageMs: clock.nowMs() - last.atMs }]];
        }),
      ),
    reaches(region, peer, is) {
      if (is) parted.delete(way(region, peer));
      else parted.add(way(region, peer));
    },
    close: cancel,
  };
}
