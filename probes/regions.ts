/** Which region an address leads to, by the endpoints that the assignment names. */
import { isIP } from 'node:net';
import type { RegionAddresses } from '../contract/check.ts';
import type { Clock } from '../contract/clock.ts';
import { within } from '../contract/deadline.ts';
import { prepareQuestion, type Resolver } from './resolver.ts';

export type RegionIndex = {
  /** `null` where no region's endpoint has the address, or more than one. */
  regionOf(address: string): string | null;
  /** Takes the regions of an assignment; names among them are known after the next `refresh`. */
  assign(regions: RegionAddresses): void;
  /** Resolves the names once more. One that does not resolve keeps the addresses it had. */
  refresh(signal: AbortSignal, clock: Clock): Promise<void>;
};

const resolveMs = 2_000;

export function regionIndex(resolver: Resolver): RegionIndex {
  let regions: RegionAddresses = {};
  const resolved = new Map<string, readonly string[]>();
  let owners = new Map<string, string>();

  function hostsOf(region: string): readonly string[] {
    const hosts: unknown = regions[region];
    return Array.isArray(hosts) ? hosts.filter((host) => typeof host === 'string') : [];
  }

  /** Literals decide; where names of several regions share an address, whoever had it before keeps it. */
  function rebuild(): void {
    const literals = claims((host) => (isIP(host) === 0 ? [] : [canonical(host)]));
    const named = claims((host) => resolved.get(host) ?? []);
    const next = new Map<string, string>();
    for (const [address, claimants] of [...named, ...literals]) {
      const before = owners.get(address);
      const [only] = claimants;
      next.delete(address);
      if (claimants.size === 1 && only !== undefined) next.set(address, only);
      else if (before !== undefined && claimants.has(before) && !literals.has(address)) next.set(address, before);
    }
    owners = next;
  }

  function claims(addressesOf: (host: string) => readonly string[]): Map<string, Set<string>> {
    const found = new Map<string, Set<string>>();
    for (const region of Object.keys(regions)) {
      for (const host of hostsOf(region)) {
        for (const address of addressesOf(host)) {
          found.set(address, (found.get(address) ?? new Set<string>()).add(region));
        }
      }
    }
    return found;
  }

  return {
    regionOf: (address) => owners.get(canonical(address)) ?? null,
    assign(next) {
      regions = next;
      rebuild();
    },
    async refresh(signal, clock) {
      const hosts = Object.keys(regions).flatMap(hostsOf);
      const names = new Set(hosts.filter((host) => isIP(host) === 0));
      await Promise.all(
        [...names].map(async (name) => {
          const asked = await within(clock, resolveMs, signal, (inner) =>
            resolver.ask(prepareQuestion({ name, type: 'A', subnet: null }, null), inner),
          );
          if (asked.ok && asked.answer.addresses.length > 0) resolved.set(name, asked.answer.addresses);
        }),
      );
      for (const name of resolved.keys()) if (!names.has(name)) resolved.delete(name);
      rebuild();
    },
  };
}

/** IPv6 has many spellings of one address; URLs know the shortest. */
function canonical(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
