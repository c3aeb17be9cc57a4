import { isObject } from '../../contract/json.ts';
import type { SecretReference } from '../../contract/secret.ts';
import type { FederatePlan, RemoteWritePlan } from '../exchange.ts';
import { type At, dictionary, list, object, optional, type Read, required, shown } from './reader.ts';
import { durationMs, headerName, metricName, name, oneOf, text, url } from './values.ts';

const leastEveryMs = 1_000;
/** The specification of remote write keeps these for itself, and the token has a key of its own. */
const reservedHeaders =
  /^(authorization|content-encoding|content-length|content-type|host|x-prometheus-remote-write-.*)$/i;
const defaults = { everyMs: 15_000, timeoutMs: 10_000, stalenessMs: 300_000 };

const environmentName = text('the name of an environment variable, such as WRITE_TOKEN', /^[A-Za-z_]\w*$/);
const inFile = object({ file: required(text('the path of a file')) });
const inEnvironment = object({ env: required(environmentName) });
export const secret: Read<SecretReference> = (value, at) => {
  if (isObject(value) && 'env' in value) return inEnvironment(value, at);
  return isObject(value) && 'file' in value
    ? inFile(value, at)
    : at.note('a secret in the scenario, or nothing that says where it is', '{ file: PATH } or { env: NAME }');
};

const flag: Read<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : at.note(shown(value), 'true or false');
const version: Read<1 | 2> = (value, at) => (value === 1 || value === 2 ? value : at.note(shown(value), '1 or 2'));
const header: Read<string> = (value, at) =>
  typeof value === 'string' && reservedHeaders.test(value)
    ? at.note(shown(value), 'a header of your own: this one is set by remote write, or by token')
    : headerName(value, at);

const receiver = object({
  name: optional(name, null),
  url: required(url),
  version: optional(version, 1 as const),
  headers: optional(dictionary(text('the value of the header', /^[^\r\n]+$/), header), {}),
  token: optional(secret, null),
  every: optional(durationMs(leastEveryMs), defaults.everyMs),
  keep: optional(list(metricName), []),
  histograms: optional(oneOf(['classic', 'native']), 'classic' as const),
});

const server = object({
  name: required(name),
  url: required(url),
  region: optional(name, null),
  honorLabels: optional(flag, false),
  match: required(list(text('a selector, such as up or {__name__=~"agent_.*"}'), 1)),
  every: optional(durationMs(leastEveryMs), defaults.everyMs),
  timeout: optional(durationMs(100), defaults.timeoutMs),
  staleness: optional(durationMs(leastEveryMs), defaults.stalenessMs),
  token: optional(secret, null),
});

/** Receivers are told apart by their names, those without one by their hosts. */
const remoteWrite: Read<readonly RemoteWritePlan[]> = (value, at) => {
  const found = list(receiver)(value, at)?.map(({ every: everyMs, name: named, ...rest }) => ({
    ...rest,
    name: named ?? new URL(rest.url).host,
    everyMs,
  }));
  noteRepeated(found, at);
  return found;
};

const federate: Read<readonly FederatePlan[]> = (value, at) => {
  const found = list(server)(value, at)?.map(({ every: everyMs, timeout, staleness: stalenessMs, ...rest }) => ({
    ...rest,
    everyMs,
    timeoutMs: Math.min(timeout, everyMs),
    stalenessMs,
  }));
  noteRepeated(found, at);
  return found;
};

export function noteRepeated(all: readonly { readonly name: string }[] | undefined, at: At): void {
  for (const [index, { name: named }] of (all ?? []).entries()) {
    if (all?.findIndex((other) => other.name === named) === index) continue;
    at.in(index)
      .in('name')
      .note(`${shown(named)} a second time`, 'a name that no other has');
  }
}

/** The keys of a scenario that say where metrics come from and go to. */
export const exchange = { remoteWrite: optional(remoteWrite, []), federate: optional(federate, []) };
