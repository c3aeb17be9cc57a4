/**
 * Two kinds of users, as a failover is felt by both. Fresh ones open a connection for each request, and so ask for the
 * name's address each time; pooled ones keep theirs, and move only when it breaks. What they do has the tag `users`.
 */
import http from 'k6/http';

/** k6 has `noConnectionReuse` for all or for none; this header does the same for one request, with HTTP/2 as with 1.1. */
const once = { Connection: 'close' };
const url = `${wanted('TARGET')}${__ENV['TARGET_PATH'] ?? '/'}`;
const requestTimeout = __ENV['REQUEST_TIMEOUT'] ?? '10s';

/** How many users there are at most. */
export const users = numberOf('USERS', 10);
/** Requests in a second, of both kinds together. */
export const rate = numberOf('RATE', users);
/** How long it goes on, as k6 writes it. */
export const duration = wanted('FOR');

/** A name's address is asked for with each new connection: k6 would keep it for five minutes, whatever the record says. */
export const dns = { ttl: '0', select: 'random', policy: 'preferIPv4' } as const;

/** Whoever runs the script ends it: then nobody waits for requests under way. */
export const common = { gracefulStop: '0s' } as const;

export function fresh(): void {
  http.get(url, { headers: once, timeout: requestTimeout, tags: { name: 'fresh' } });
}

export function pooled(): void {
  http.get(url, { timeout: requestTimeout, tags: { name: 'pooled' } });
}

/** Half of a number of users, so that there is one of each kind at least. */
export function half(count: number): number {
  return Math.max(1, Math.round(count / 2));
}

/** Half of a rate, as requests in a minute: k6 counts in whole ones. */
export function halfPerMinute(perSecond: number): number {
  return Math.max(1, Math.round((perSecond * 60) / 2));
}

function wanted(name: string): string {
  const value = __ENV[name];
  if (value === undefined || value === '') throw new Error(`want ${name} in the environment`);
  return value;
}

export function numberOf(name: string, fallback: number): number {
  const text = __ENV[name];
  const value = text === undefined || text === '' ? fallback : Number(text);
  if (!(value > 0)) throw new Error(`${name}: got ${text}, want a number of more than 0`);
  return value;
}
