/** The zone's name servers: each on its own address, with its own view of zone and health, over UDP and TCP. */
import type { Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import type { Place } from '../../scenarios/scenario.ts';
import { answer } from '../../zone/answer.ts';
import type { ClientLocation } from '../../zone/records.ts';
import type { Truth } from '../truth.ts';
import { subnetText } from './client-subnet.ts';
import type { Locate } from './geography.ts';
import { bareReply, type Query, type Reply, readQuery, writeReply } from './message.ts';
import { toWire } from './rdata.ts';
import { type Asker, listenOnAll, type Respond } from './socket-pair.ts';
import { type HealthSource, type Publisher, serverView, type View } from './view.ts';
import { leadsOf, transitionsBetween } from './watch.ts';

export type NameServersOptions = {
  readonly addresses: readonly string[];
  /** One for all addresses; 0 for one that is free on all of them. */
  readonly port: number;
  readonly store: Publisher;
  readonly health: HealthSource;
  readonly locate: Locate;
  readonly regionOf: (address: string) => string | null;
  /** Host names whose answers the truth is told about, from each of `places`. */
  readonly watchNames: readonly string[];
  readonly places: Readonly<Record<string, Place>>;
};
export type NameServersDeps = { readonly clock: Clock; readonly random: Random; readonly truth: Truth };
export type NameServers = {
  readonly port: number;
  /** Whether the server at an address answers; one that does not hears, and says nothing. */
  answers(address: string, is: boolean): void;
  close(): Promise<void>;
};

/** An answer that depends on the place holds for networks of this size, or smaller ones where the query names one. */
const scopeLengths: Readonly<Record<number, number>> = { 1: 24, 2: 56 };
const longestTcpBytes = 65_535;

export async function nameServers(options: NameServersOptions, deps: NameServersDeps): Promise<NameServers> {
  const silent = new Set<string>();
  const views = new Map(options.addresses.map((address) => [address, watchedView(address, options, deps)]));
  try {
    const pairs = await listenOnAll(
      options.addresses,
      options.port,
      (address) => {
        const respond = respondFrom(address, views.get(address), options, deps.random);
        return (packet, from) => (silent.has(address) ? null : respond(packet, from));
      },
      deps.clock,
    );
    return {
      port: pairs[0]?.port ?? options.port,
      answers(address, is) {
        if (is) silent.delete(address);
        else silent.add(address);
      },
      async close() {
        for (const view of views.values()) view.close();
        await Promise.all(pairs.map((pair) => pair.close()));
      },
    };
  } catch (error) {
    for (const view of views.values()) view.close();
    throw error;
  }
}

/** A view that tells the truth what it makes of its names, whenever that changes. */
function watchedView(address: string, options: NameServersOptions, deps: NameServersDeps): View {
  const watched = {
    names: options.watchNames,
    places: options.places,
    locate: options.locate,
    regionOf: options.regionOf,
  };
  const view = serverView(options, deps, () => {
    const now = leadsOf(view, watched);
    for (const transition of transitionsBetween(leads, now, address)) deps.truth(transition);
    leads = now;
  });
  let leads = leadsOf(view, watched);
  return view;
}

function respondFrom(address: string, view: View | undefined, options: NameServersOptions, random: Random): Respond {
  return (packet, from) => {
    const incoming = readQuery(packet);
    if (incoming.kind === 'noise' || view === undefined) return null;
    if (incoming.kind === 'error') return incoming.reply;
    const { query } = incoming;
    const limitBytes = from.transport === 'udp' ? query.payloadBytes : longestTcpBytes;
    try {
      const reply = replyTo(query, view, locationOf(query, from, options.locate), random);
      return writeReply(query, { ...reply, nsid: address }, limitBytes);
    } catch {
      return bareReply(packet, 'SERVFAIL');
    }
  };
}

function replyTo(query: Query, view: View, client: ClientLocation, random: Random): Reply {
  const got = answer(view.zone(), query, client, view.healthy, random);
  const subnet = query.edns?.subnet ?? null;
  const scopeLength =
    subnet === null || !got.located ? 0 : Math.min(subnet.sourceLength, scopeLengths[subnet.family] ?? 0);
  return {
    rcode: got.rcode,
    authoritative: got.rcode !== 'REFUSED',
    recursionAvailable: false,
    answers: got.records.flatMap((record) => toWire(record) ?? []),
    authorities: got.authoritySoa === undefined ? [] : [toWire(got.authoritySoa) ?? []].flat(),
    scopeLength,
    nsid: '',
  };
}

/** By the client subnet where the query has one, else by who asks. */
function locationOf(query: Query, from: Asker, locate: Locate): ClientLocation {
  const subnet = query.edns?.subnet ?? null;
  return locate((subnet === null ? null : subnetText(subnet)) ?? from.address);
}
