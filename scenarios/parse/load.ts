import { isIP } from 'node:net';
import { type LoadPlan, ownScripts } from '../load-plan.ts';
import type { Names } from './names.ts';
import { dictionary, object, oneOrMore, optional, type Read, required, shown } from './reader.ts';
import { address, body, durationMs, number, oneOf, path, text } from './values.ts';

const mostUsers = 100_000;
const mostPerSecond = 100_000;

/** What is said of them by the drill itself, and cannot be said again. */
const reserved = ['TARGET', 'TARGET_PATH', 'USERS', 'RATE', 'FOR'];

/** The load of a drill. `entry` is the one that the drill expects something of first, unless it says otherwise. */
export function loadPlan(names: Names): Read<Omit<LoadPlan, 'entry'> & { readonly entry: string | null }> {
  const read = object({
    script: required(script),
    entry: optional(oneOf(names.entries), null),
    path: optional(path, '/'),
    users: optional(users, 10),
    rate: optional(perSecond, null),
    for: optional(durationMs(1_000, 86_400_000), null),
    env: optional(dictionary(body, variable), {}),
    thresholds: optional(dictionary(oneOrMore(text('a threshold of k6, such as p(95)<500 or rate<0.05'))), {}),
    resolver: optional(address, null),
    ca: optional(text('a file of certificates'), null),
    sourceAddress: optional(ip, null),
  });
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const { rate, for: forMs, ...more } = found;
    return { ...more, ratePerSecond: rate, forMs };
  };
}

const script = text(
  `one of ${ownScripts.join(', ')}, or the path of a script that ends in .ts or .js`,
  /\.[cm]?[jt]s$/,
);

const users: Read<number> = (value, at) => {
  const found = number(1, mostUsers, 'a number of users')(value, at);
  return found === undefined || Number.isInteger(found) ? found : at.note(shown(value), 'a whole number of users');
};

/** `50/s`, `600/m`, or a number of requests in a second. */
const perSecond: Read<number> = (value, at) => {
  const [, count, unit] = typeof value === 'string' ? (/^(\d+(?:\.\d+)?)\/([sm])$/.exec(value) ?? []) : [];
  const rate = typeof value === 'number' ? value : Number(count) / (unit === 'm' ? 60 : 1);
  return rate > 0 && rate <= mostPerSecond
    ? rate
    : at.note(shown(value), `a rate, such as 50/s or 600/m, of at most ${mostPerSecond}/s`);
};

const variable: Read<string> = (value, at) => {
  if (typeof value === 'string' && (reserved.includes(value) || value.startsWith('K6_'))) {
    return at.note(value, `a variable other than ${reserved.join(', ')} and those of k6 itself (K6_…)`);
  }
  return text('the name of a variable, such as API_VERSION', /^[A-Za-z_]\w*$/)(value, at);
};

const ip: Read<string> = (value, at) =>
  typeof value === 'string' && isIP(value) !== 0 ? value : at.note(shown(value), 'an IP address, such as 192.0.2.7');
