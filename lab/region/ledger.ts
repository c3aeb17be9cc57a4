/**
 * What the service keeps for its users beside their records: entries that are read back and erased, replicated to the other
 * regions behind a lag. Nothing waits for replication: an entry is acknowledged when this region has it.
 */
import { join } from 'node:path';
import type { Cancel, Clock } from '../../contract/clock.ts';
import type { Plant } from '../../scenarios/world.ts';
import { appendOnly } from './store.ts';

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
  close(): void;
};

export type LedgerNet = {
  join(region: string, isUp: () => boolean): Ledger;
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
  const waiting = new Set<Cancel>();
  const planted = (region: string, how: string): boolean =>
    plants.some((plant) => plant.kind === 'replication' && plant.region === region && plant.how === how);

  /** It leaves while its region is up, and arrives while the other is; until then it waits. */
  function send(change: Change, from: string, to: string): void {
    const cancel = clock.after(lagMs, () => {
      waiting.delete(cancel);
      const [here, there] = [members.get(from), members.get(to)];
      if (here === undefined || there === undefined) return;
      if (!here.isUp() || !there.isUp()) return send(change, from, to);
      there.apply(change);
      if (planted(from, 'double') && change.op === 'put') there.apply(change);
    });
    waiting.add(cancel);
  }

  function replicate(change: Change, from: string): void {
    if (change.op === 'put' && planted(from, 'drop')) return;
    for (const to of members.keys()) {
      if (to === from || (change.op === 'put' && !admits(change.entry.country, to))) continue;
      send(change, from, to);
    }
  }

  return {
    join(region, isUp) {
      const replica = replicaIn(join(options.storeDir, region));
      members.set(region, { isUp, apply: replica.apply });
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
        isWriter: () => planted(region, 'second-writer') || regions.find((one) => members.get(one)?.isUp()) === region,
        close() {
          members.delete(region);
          if (members.size === 0) for (const cancel of waiting) cancel();
          replica.close();
        },
      };
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
