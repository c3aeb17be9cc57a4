/** A caching resolver as a network has one: its clients ask it, it asks the name servers and keeps what they say. */
import type { HostPort } from '../../contract/address.ts';
import type { Cancel, Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import type { Truth } from '../truth.ts';
import { agedRecords, answerCache, type Entry } from './cache.ts';
import { clientSubnetOf } from './client-subnet.ts';
import { entryOf, plainName, type Question, regionIn } from './entry.ts';
import { bareReply, type Query, readQuery, writeReply } from './message.ts';
import { parseNetwork } from './network.ts';
import { listenOnAll, type Respond } from './socket-pair.ts';
import { askServer, type Upstream } from './upstream.ts';

export type ResolverOptions = {
  readonly address: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly servers: readonly HostPort[];
  /** Sent as client subnet with each question that brings none of its own; `null`: none is sent. */
  readonly subnet: string | null;
  readonly regionOf: (address: string) => string | null;
  /** Seconds. Shorter TTLs are raised to it, as one resolver in twelve does; absent: TTLs are kept to exactly. */
  readonly raiseTtlTo?: number;
};
export type ResolverDeps = { readonly clock: Clock; readonly random: Random; readonly truth: Truth };

export type CachingResolver = {
  readonly address: string;
  readonly port: number;
  /** The region that a client asking for `name` right now gets from the cache; `null` where nothing valid is in it. */
  cachedRegion(name: string): string | null;
  /** Called when the cached region of a name becomes another one than was cached last. */
  onChange(listener: (name: string, region: string | null) => void): Cancel;
  close(): Promise<void>;
};

const longestTcpBytes = 65_535;
/** Name servers asked, one after the other, before giving up. */
const mostTries = 4;

export async function cachingResolver(options: ResolverOptions, deps: ResolverDeps): Promise<CachingResolver> {
  const { clock } = deps;
  const own = options.subnet === null ? null : (parseNetwork(options.subnet) ?? null);
  const cache = answerCache();
  const underWay = new Map<string, Promise<Entry | undefined>>();
  const tell = regionTeller(options, deps.truth);
  const ask = forwarder(options, deps);

  async function fetchEntry(question: Question): Promise<Entry | undefined> {
    const upstream = await ask(question);
    if (upstream === undefined) return undefined;
    const entry = entryOf(question, upstream, clock.nowMs(), options.raiseTtlTo ?? 0);
    // Answered for whoever asked without a subnet: that is nobody else's answer.
    if (question.subnet?.sourceLength === 0 || entry.expiresAtMs <= entry.storedAtMs) return entry;
    cache.put(entry);
    if (cache.get(entry, own, clock.nowMs()) === entry) tell.stored(entry);
    return entry;
  }

  async function entryFor(question: Question): Promise<Entry | undefined> {
    const cached =
      question.subnet?.sourceLength === 0
        ? undefined
        : cache.get(question, question.subnet?.network ?? null, clock.nowMs());
    if (cached !== undefined) return cached;
    const key = JSON.stringify([question.name, question.type, question.subnet]);
    const joined = underWay.get(key) ?? fetchEntry(question).finally(() => underWay.delete(key));
    underWay.set(key, joined);
    return await joined;
  }

  const respond: Respond = async (packet, from) => {
    const incoming = readQuery(packet);
    if (incoming.kind === 'noise') return null;
    if (incoming.kind === 'error') return incoming.reply;
    const { query } = incoming;
    try {
      const subnet = query.edns?.subnet ?? (own === null ? null : clientSubnetOf(own));
      const entry = await entryFor({ name: query.name.toLowerCase(), type: query.type, subnet });
      if (entry === undefined) return bareReply(packet, 'SERVFAIL');
      const limitBytes = from.transport === 'udp' ? query.payloadBytes : longestTcpBytes;
      return replyFrom(query, entry, { nowMs: clock.nowMs(), nsid: options.address, limitBytes });
    } catch {
      return bareReply(packet, 'SERVFAIL');
    }
  };

  const [pair] = await listenOnAll([options.address], options.port, () => respond, clock);
  return {
    address: options.address,
    port: pair?.port ?? options.port,
    cachedRegion(name) {
      const entry = cache.get({ name: plainName(name), type: 'A' }, own, clock.nowMs());
      return entry === undefined ? null : regionIn(entry, options.regionOf);
    },
    onChange: tell.onChange,
    close: async () => await pair?.close(),
  };
}

/** Puts a question to the name servers in turn, each time beginning with the next one. */
function forwarder({ servers, address }: ResolverOptions, { clock, random }: ResolverDeps) {
  let turn = Math.floor(random() * servers.length);
  return async (question: Question): Promise<Upstream | undefined> => {
    for (let attempt = 0; attempt < mostTries; attempt += 1) {
      const server = servers[turn % servers.length];
      turn += 1;
      if (server === undefined) return undefined;
      const asked = { ...question, id: Math.floor(random() * 65_536) };
      const upstream = await askServer(asked, server, address, clock);
      if (upstream !== undefined && upstream.rcode !== 'SERVFAIL') return upstream;
    }
    return undefined;
  };
}

/** Remembers the region that was cached last for each name, and tells when another one takes its place. */
function regionTeller({ address, regionOf }: ResolverOptions, truth: Truth) {
  const last = new Map<string, string | null>();
  const listeners = new Set<(name: string, region: string | null) => void>();
  return {
    stored(entry: Entry): void {
      if (entry.type !== 'A') return;
      const name = plainName(entry.name);
      const from = last.get(name) ?? null;
      const to = regionIn(entry, regionOf);
      if (from === to) return;
      last.set(name, to);
      truth({ what: 'cache', region: to ?? '', where: address, name, from, to });
      for (const listener of listeners) listener(name, to);
    },
    onChange(listener: (name: string, region: string | null) => void): Cancel {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function replyFrom(
  query: Query,
  entry: Entry,
  { nowMs, nsid, limitBytes }: { readonly nowMs: number; readonly nsid: string; readonly limitBytes: number },
): Buffer {
  const reply = {
    rcode: entry.rcode,
    authoritative: false,
    recursionAvailable: true,
    answers: agedRecords(entry.answers, entry, nowMs),
    authorities: agedRecords(entry.authorities, entry, nowMs),
    scopeLength: entry.scope?.prefixLength ?? 0,
    nsid,
  };
  return writeReply(query, reply, limitBytes);
}
