/** What the operations of the API are made of. */
import type { Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import type { ClientLocation } from '../../zone/records.ts';
import type { Checkers } from '../checkers/checkers.ts';
import type { Locate } from '../dns/geography.ts';
import { refuse } from './refusal.ts';
import type { ZoneStore } from './store.ts';
import type { Xml, XmlNode } from './xml.ts';

/** What an operation can reach. */
export type Service = {
  readonly store: ZoneStore;
  readonly checkers: Pick<Checkers, 'reports' | 'lastFailures' | 'healthy' | 'sourceAddresses'>;
  readonly locate: Locate;
  /** Where the resolver is that `TestDNSAnswer` stands for when none is named. */
  readonly usualLocation: ClientLocation;
  readonly clock: Clock;
  readonly random: Random;
};

export type Call = {
  /** The parts of the path that the route leaves open. */
  readonly ids: readonly string[];
  readonly query: URLSearchParams;
  readonly body: XmlNode | undefined;
};
export type Reply = { readonly status?: number; readonly location?: string; readonly xml: Xml };

export type Route = {
  /** The operation's name in the API. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: RegExp;
  readonly run: (call: Call, service: Service) => Reply;
};

/** Without the resource's own prefix, which callers may leave on: `/hostedzone/Z1`. */
export function idOf(call: Call): string {
  return call.ids[0] ?? '';
}

/** `maxitems`, from 1 to `most`. */
export function pageSize(query: URLSearchParams, most: number): number {
  const text = query.get('maxitems');
  if (text === null || text === '') return most;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1) return refuse('InvalidInput', `got MaxItems ${text}, want 1 to ${most}`);
  return Math.min(size, most);
}

export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** A random id in the form of a UUID. */
export function newId(random: Random): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
