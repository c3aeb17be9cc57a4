/**
 * What the service keeps for its users beside their records: entries that are read back and erased, replicated to the other
 * regions behind a lag. Nothing waits for replication: an entry is acknowledged when this region has it.
 */
import { join } from 'node:path';
import type { Clock } from '../../contract/clock.ts';
import type { Plant } from '../../scenarios/world.ts';
import { appendOnly } from './store.ts';
import { type Behind, type Way, way } from './way.ts';

export type LedgerEntry = { readonly id: string; readonly country: string; readonly from: string };

/** One region's replica. */
export type Ledger = {
  /** `false`: it is there already. */
  put(entry: Omit<LedgerEntry, 'from'>): boolean;
  /** In the order in which they came; one that replication delivered twice is there twice. */
  startingWith(prefix: string): readonly LedgerEntry[];
  /** Here and, behind the lag, everywhere. `false`: it was not there. */
  erase(id: string): boolean;
  /** Whether this region takes the writes of which only one region may take any. */
  isWriter(): boolean;
  /** How far the other regions are behind this one. */
  behind(): Readonly<Record<string, Behind>>;
  close(): void;
};

export type LedgerNet = {
  join(region: string, isUp: () => boolean): Ledger;
  /** Whether a region reaches another. Either side is enough to part them; what they have for each other waits. */
  reaches(region: string, peer: string, is: boolean): void;
};

export type LedgerNetOptions = {
  readonly storeDir: string;
  readonly lagMs: number;
  readonly plants: readonly Plant[];
  /** Whether entries of users of a country may be in a region. */
  readonly admits: (country: string, region: string) => boolean;
  /** In their order: the first that is up takes the writes of a single writer. */
  readonly regions: readonly string[];
};

type Change = { readonly op: 'put'; readonly entry: LedgerEntry } | { readonly op: 'erase'; readonly id: string };
type Member = { readonly isUp: () => boolean; readonly apply: (change: Change) => void };

export function ledgerNet(options: LedgerNetOptions, clock: Clock): LedgerNet {
  const { lagMs, plants, admits, regions } = options;
  const members = new Map<string, Member>();
  const parted = new Set<string>();
  const wayOf = (from: string, to: string): string => `${from} ${to}`;
  const isUp = (region: string): boolean => members.get(region)?.isUp() ?? false;
  const areParted = (one: string, other: string): boolean =>
    parted.has(wayOf(one, other)) || parted.has(wayOf(other, one));
  const planted = (region: string, how: string): boolean =>
    plants.some((plant) => plant.kind === 'replication' && plant.region === region && plant.how === how);

  /** Changes leave while their region is up, and arrive while the other is. */
  function wayBetween(from: string, to: string): Way<Change> {
    const isOpen = (): boolean => isUp(from) && isUp(to) && !areParted(from, to);
    const deliver = (change: Change): void => {
      members.get(to)?.apply(change);
      if (planted(from, 'double') && change.op === 'put') members.get(to)?.apply(change);
    };
    return way({ lagMs, isOpen, deliver }, clock);
  }
  const ways = new Map(
    regions.map((from) => [from, new Map(regions.filter((to) => to !== from).map((to) => [to, wayBetween(from, to)]))]),
  );
  const waysFrom = (region: string): ReadonlyMap<string, Way<Change>> => ways.get(region) ?? new Map();

  function replicate(change: Change, from: string): void {
    if (change.op === 'put' && planted(from, 'drop')) return;
    for (const [to, way] of waysFrom(from)) {
      if (members.has(to) && (change.op === 'erase' || admits(change.entry.country, to))) way.send(change);
    }
  }

  /** Who the writer is, is agreed on beside the regions: a partition of two alone moves it nowhere. */
  function isWriter(region: string): boolean {
    const writer = regions.find(isUp);
    if (writer === region || planted(region, 'second-writer')) return true;
    return planted(region, 'takes-over') && writer !== undefined && areParted(region, writer);
  }

  return {
    join(region, up) {
      const replica = replicaIn(join(options.storeDir, region));
      members.set(region, { isUp: up, apply: replica.apply });
      return {
        put({ id, country }) {
          if (replica.has(id)) return false;
          const change = { op: 'put', entry: { id, country, from: region } } as const;
          replica.apply(change);
          replicate(change, region);
          return true;
        },
        startingWith: replica.startingWith,
        erase(id) {
          const wasThere = replica.has(id);
          const change = { op: 'erase', id } as const;
          replica.apply(change);
          replicate(change, region);
          return wasThere;
        },
        isWriter: () => isWriter(region),
        behind: () => Object.fromEntries([...waysFrom(region)].map(([to, way]) => [to, way.behind()])),
        close() {
          members.delete(region);
          for (const [from, tos] of ways)
            for (const [to, way] of tos) if (from === region || to === region) way.close();
          replica.close();
        },
      };
    },
    reaches(region, peer, is) {
      if (is) parted.delete(wayOf(region, peer));
      else parted.add(wayOf(region, peer));
      waysFrom(region).get(peer)?.look();
      waysFrom(peer).get(region)?.look();
    },
  };
}

/** In memory, with every change on the region's disk too. What was erased stays so, whenever a copy of it arrives. */
function replicaIn(folder: string) {
  const disk = appendOnly(folder, 'ledger.jsonl');
  const erased = new Set<string>();
  let entries: readonly LedgerEntry[] = [];
  const ids = new Set<string>();
  return {
    has: (id: string) => ids.has(id),
    startingWith: (prefix: string) => entries.filter(({ id }) => id.startsWith(prefix)),
    apply(change: Change): void {
      if (change.op === 'erase') {
        erased.add(change.id);
        ids.delete(change.id);
        entries = entries.filter(({ id }) => id !== change.id);
      } else {
        if (erased.has(change.entry.id)) return;
        ids.add(change.entry.id);
        entries = [...entries, change.entry];
      }
      disk.append(change);
    },
    close: disk.close,
  };
}
