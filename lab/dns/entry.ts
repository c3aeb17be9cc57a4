/** What a resolver keeps of an answer. */
import type { Answer as WireAnswer } from 'dns-packet';
import type { Entry } from './cache.ts';
import type { ClientSubnet } from './client-subnet.ts';
import { cut, type Network } from './network.ts';
import type { Upstream } from './upstream.ts';

export type Question = { readonly name: string; readonly type: string; readonly subnet: ClientSubnet | null };

/** `leastTtlSeconds` is what shorter TTLs are raised to. An entry that ends when it begins is not to be kept. */
export function entryOf(question: Question, upstream: Upstream, nowMs: number, leastTtlSeconds: number): Entry {
  const raised = (records: readonly WireAnswer[]): readonly WireAnswer[] =>
    records.map((record) =>
      'ttl' in record ? { ...record, ttl: Math.max(record.ttl ?? 0, leastTtlSeconds) } : record,
    );
  const answers = raised(upstream.answers);
  const ttls = answers.flatMap((record) => ('ttl' in record ? [record.ttl ?? 0] : []));
  const ttlSeconds = ttls.length > 0 ? Math.min(...ttls) : negativeTtlSeconds(upstream);
  const network = question.subnet?.network ?? null;
  return {
    name: question.name,
    type: question.type,
    scope: scopeOf(network, upstream.scopeLength),
    rcode: upstream.rcode,
    answers,
    authorities: upstream.authorities,
    storedAtMs: nowMs,
    expiresAtMs: nowMs + ttlSeconds * 1_000,
  };
}

function scopeOf(network: Network | null, scopeLength: number): Network | null {
  return network === null || scopeLength === 0 ? null : cut(network, Math.min(scopeLength, network.prefixLength));
}

/** How long it may be remembered that there is nothing (RFC 2308); errors are not remembered at all. */
function negativeTtlSeconds({ rcode, authorities }: Upstream): number {
  const soa = authorities.find((record) => record.type === 'SOA');
  if (soa?.type !== 'SOA' || (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN')) return 0;
  return Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0);
}

/** The region that the first address of an entry leads to. */
export function regionIn(entry: Entry, regionOf: (address: string) => string | null): string | null {
  const address = entry.answers.find((record) => record.type === 'A');
  return address?.type === 'A' ? regionOf(address.data) : null;
}

/** A name as people write it: in lower case, without the final dot. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
