/** From a target's name to the one address that is probed, with the series that say which. */
import { isIP } from 'node:net';
import type { Ending } from '../ending.ts';
import type { ProbeLog } from './log.ts';
import type { ProbeMetrics } from './metrics.ts';

/** Literals come back as they are. Rejects with one sentence; as soon as the probe ends, too. */
export type Lookup = (host: string, ending: Ending) => Promise<readonly string[]>;

export type Wish = { readonly preferredIpProtocol: string; readonly ipProtocolFallback: boolean };

/** `seconds`: what the lookup took. `address` is null when there is none to probe; the log says why. */
export type Chosen = { readonly address: string | null; readonly seconds: number };

type Choosing = {
  readonly metrics: ProbeMetrics;
  readonly log: ProbeLog;
  readonly lookup: Lookup;
  readonly ending: Ending;
  readonly nowMs: () => number;
  /** Told where a name led to: what is allowed by its name is allowed there. */
  readonly named?: ((host: string, address: string, ending: Ending) => void) | undefined;
};

/** The first address of the family that is preferred (ip6 unless ip4 is said); else, where allowed, the last one there is. */
export async function chooseAddress(host: string, wish: Wish, choosing: Choosing): Promise<Chosen> {
  const { metrics, log, nowMs } = choosing;
  metrics.declare('probe_ip_protocol', 'probe_dns_lookup_time_seconds', 'probe_ip_addr_hash');
  const preferred = wish.preferredIpProtocol === '' || wish.preferredIpProtocol === 'ip6' ? 6 : 4;
  log.debug('Resolving target address', { target: host, ip_protocol: `ip${preferred}` });
  const startMs = nowMs();
  const found = await addresses(host, choosing);
  const address = found.find((one) => familyOf(one) === preferred) ?? (wish.ipProtocolFallback ? found.at(-1) : null);
  const seconds = (nowMs() - startMs) / 1_000;
  metrics.add('probe_dns_lookup_time_seconds', seconds);
  if (address === undefined || address === null) {
    if (found.length > 0) {
      log.error('Resolution with IP protocol failed', {
        target: host,
        ip_protocol: `ip${preferred}`,
        err: `address ${host}: no suitable address found`,
      });
    }
    return { address: null, seconds };
  }
  metrics.set('probe_ip_protocol', familyOf(address));
  metrics.set('probe_ip_addr_hash', addressHash(address));
  log.debug('Resolved target address', { target: host, ip: address });
  if (address !== host) choosing.named?.(host, address, choosing.ending);
  return { address, seconds };
}

async function addresses(host: string, { log, lookup, ending }: Choosing): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    if (host === '') throw new Error('lookup : no such host');
    return await lookup(host, ending);
  } catch (error) {
    log.error('Resolution with IP protocol failed', {
      target: host,
      err: error instanceof Error ? error.message : String(error),
    });
    return [];
  }
}

function familyOf(address: string): 4 | 6 {
  return bytesOf(address).length === 4 ? 4 : 6;
}

/** FNV-1a of the address's bytes, 32 bits: whether a name leads elsewhere now shows in one number. */
export function addressHash(address: string): number {
  let hash = 0x811c9dc5;
  for (const byte of bytesOf(address)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** 4 bytes, also of an IPv4 address in IPv6's clothes, or 16. A zone is no part of the address. */
function bytesOf(address: string): readonly number[] {
  const [text = ''] = address.split('%');
  if (isIP(text) === 4) return text.split('.').map(Number);
  // The URL parser writes any form of an address as groups of hexadecimal numbers.
  const groups = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [head = '', tail] = groups.split('::');
  const before = numbersOf(head);
  const after = numbersOf(tail ?? '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  const all = [...before, ...(tail === undefined ? [] : zeros), ...after].flatMap((group) => [
    group >> 8,
    group & 0xff,
  ]);
  const mapped = all.slice(0, 10).every((byte) => byte === 0) && all[10] === 0xff && all[11] === 0xff;
  return mapped ? all.slice(12) : all;
}

function numbersOf(groups: string): readonly number[] {
  return groups === '' ? [] : groups.split(':').map((group) => Number.parseInt(group, 16));
}
