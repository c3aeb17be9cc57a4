/** A check that says more than which addresses it wants: one message over the transport that it names. */
import { isIP } from 'node:net';
import { formatHostPort, parseHostPort } from '../../contract/address.ts';
import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import { addressOf } from '../addresses.ts';
import type { ProbeContext } from '../prober.ts';
import { failed } from '../probers/http.ts';
import { tlsSettings } from '../tls/terms.ts';
import { type PhaseWatch, phaseWatch } from '../watch.ts';
import { inquireOn } from './inquiry.ts';
import { addressesIn, detailsOf, mismatch } from './judging.ts';
import type { AddressType } from './message.ts';

export type PlainCheck = Check<'dns'> & { readonly recordType: AddressType };

/** Whether our resolver can ask it as it asks for itself. */
export function isPlain(check: Check<'dns'>): check is PlainCheck {
  const { recordType: type, server, transport, tls, family, path, class: inClass, recursion, nsid, rcodes } = check;
  if (type !== 'A' && type !== 'AAAA') return false;
  const more = transport ?? tls ?? family ?? path ?? inClass ?? recursion ?? nsid ?? rcodes ?? check.validate;
  const host = server === null ? undefined : parseHostPort(server, 53)?.host;
  return more === undefined && (host === undefined || isIP(host) !== 0);
}

export async function probeInquiry(check: Check<'dns'>, context: ProbeContext): Promise<Observation> {
  const watch = phaseWatch(context.clock);
  const { transport = 'udp', tls = {}, path, family = 'ip4' } = check;
  const chosen = check.server === null ? null : parseHostPort(check.server, ports[transport]);
  if (chosen === undefined) return unasked(check, watch, `server: got ${check.server}, want address:port`);
  const at = chosen ?? context.resolver.own.server;
  const spoken = await tlsSettings(tls, at.host, context.secrets);
  if ('mistake' in spoken) return unasked(check, watch, spoken.mistake);
  const resolved = await addressOf(at.host, { resolveWith: 'resolver', family }, watch, context);
  if (!resolved.ok) return { ...watch.finish(), ...nobody(check), ...failed(resolved.failure), details: {} };
  const server = { host: resolved.address, port: at.port };
  const inquiry = {
    ...{
      server,
      transport,
      tls: spoken.settings,
      tlsName: tls.serverName ?? at.host,
      ...(path === undefined ? {} : { path }),
    },
    ...{ name: check.hostname, type: check.recordType, class: check.class ?? 'IN' },
    ...{ recursionDesired: check.recursion !== false, subnet: check.subnet, nsid: check.nsid === true, edns: true },
  };
  // As everywhere: the agent's own resolver is its operator's choice.
  const seen = await inquireOn(watch, inquiry, chosen === null ? { ...context, limits: undefined } : context);
  const details = { server: formatHostPort(server), ...detailsOf(seen, check) };
  const timed = { phases: seen.watched, durationMs: seen.durationMs };
  if (seen.failure !== null) return { ...timed, ...nobody(check), ...failed(seen.failure), details };
  const [first] = addressesIn(seen, check);
  const region = (first === undefined ? null : context.regionOf(first)) ?? check.region;
  const reason = mismatch(seen, check, context.regionOf);
  return reason === undefined
    ? { ...timed, outcome: 'good', region, servedBy: null, details }
    : { ...timed, ...failed({ failedAt: 'answer', reason }), region, servedBy: null, details };
}

const ports = { udp: 53, tcp: 53, tls: 853, https: 443 } as const;

function unasked(check: Check<'dns'>, watch: PhaseWatch, reason: string): Observation {
  watch.enter('resolve');
  return { ...watch.finish(), ...nobody(check), ...failed({ failedAt: 'agent', reason }), details: {} };
}

function nobody(check: Check<'dns'>): Pick<Observation, 'region' | 'servedBy'> {
  return { region: check.region, servedBy: null };
}
