import { isIP } from 'node:net';
import { formatHostPort, parseHostPort } from '../../contract/address.ts';
import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import { addressOf } from '../addresses.ts';
import { inquireOn } from '../dns/inquiry.ts';
import { addressesIn, detailsOf, mismatch as mismatchOf } from '../dns/judging.ts';
import type { AddressType, DnsAnswer } from '../dns/message.ts';
import type { ProbeContext } from '../prober.ts';
import { tlsSettings } from '../tls/terms.ts';
import { type PhaseWatch, phaseWatch } from '../watch.ts';
import { failed } from './http.ts';

/**
 * One question to one server. Over UDP no answer at all fails at `resolve`, over a connection where that ended; an
 * answer that is not what the check wants, a refusal included, fails at `answer`.
 */
export async function probeDns(check: Check<'dns'>, context: ProbeContext): Promise<Observation> {
  const watch = phaseWatch(context.clock);
  const server = check.server === null ? null : parseHostPort(check.server, portOf(check));
  if (server === undefined) return unasked(check, watch, `server: got ${check.server}, want address:port`);
  const type = server === null || isIP(server.host) !== 0 ? plainType(check) : undefined;
  if (type === undefined) return probeInquiry(check, server, watch, context);
  watch.enter('resolve');
  const question = { name: check.hostname, type, subnet: check.subnet };
  const asked = await context.resolver.ask(question, server, context.ending ?? context.signal);
  const timed = watch.finish();
  if (!asked.ok) return { ...timed, ...nobody(check), ...failed(asked.failure), details: { server: asked.server } };

  const { answer } = asked;
  const [first] = answer.addresses;
  const region = (first === undefined ? null : context.regionOf(first)) ?? check.region;
  const details = {
    server: asked.server,
    rcode: answer.rcode,
    answers: answer.addresses,
    ...(answer.ttlSeconds === null ? {} : { ttlSeconds: answer.ttlSeconds }),
    ...(answer.scopeLength === null ? {} : { scopeLength: answer.scopeLength }),
  };
  const reason = mismatch(answer, check, context);
  return reason === undefined
    ? { ...timed, outcome: 'good', region, servedBy: null, details }
    : { ...timed, ...failed({ failedAt: 'answer', reason }), region, servedBy: null, details };
}

type Server = NonNullable<ReturnType<typeof parseHostPort>> | null;

/** One message over the transport that the check names, to a server that may have a name. */
async function probeInquiry(
  check: Check<'dns'>,
  chosen: Server,
  watch: PhaseWatch,
  context: ProbeContext,
): Promise<Observation> {
  const at = chosen ?? context.resolver.own.server;
  const { transport = 'udp', tls = {}, path, family = 'ip4' } = check;
  const tlsName = tls.serverName ?? at.host;
  const settings = await tlsSettings(tls, at.host, context.secrets);
  if ('mistake' in settings) return unasked(check, watch, settings.mistake);
  const resolved = await addressOf(at.host, { resolveWith: 'resolver', family }, watch, context);
  if (!resolved.ok) return { ...watch.finish(), ...nobody(check), ...failed(resolved.failure), details: {} };
  const server = { host: resolved.address, port: at.port };
  const inquiry = {
    ...{ server, transport, tls: settings.settings, tlsName, ...(path === undefined ? {} : { path }) },
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
  const reason = mismatchOf(seen, check, context.regionOf);
  return reason === undefined
    ? { ...timed, outcome: 'good', region, servedBy: null, details }
    : { ...timed, ...failed({ failedAt: 'answer', reason }), region, servedBy: null, details };
}

/** The type of a question that our resolver asks as it does for itself; `undefined` for all that says more. */
function plainType(check: Check<'dns'>): AddressType | undefined {
  const { recordType: type } = check;
  const { transport, tls, family, path, class: inClass, recursion, nsid, rcodes, validate } = check;
  const more = [transport, tls, family, path, inClass, recursion, nsid, rcodes, validate];
  return (type === 'A' || type === 'AAAA') && more.every((option) => option === undefined) ? type : undefined;
}

function portOf({ transport = 'udp' }: Check<'dns'>): number {
  return { udp: 53, tcp: 53, tls: 853, https: 443 }[transport];
}

function unasked(check: Check<'dns'>, watch: PhaseWatch, reason: string): Observation {
  watch.enter('resolve');
  return { ...watch.finish(), ...nobody(check), ...failed({ failedAt: 'agent', reason }), details: {} };
}

function nobody(check: Check<'dns'>): Pick<Observation, 'region' | 'servedBy'> {
  return { region: check.region, servedBy: null };
}

function mismatch(answer: DnsAnswer, check: Check<'dns'>, context: ProbeContext): string | undefined {
  if (answer.rcode !== 'NOERROR') return `rcode: got ${answer.rcode}, want NOERROR`;
  if (answer.addresses.length === 0) return `${check.hostname}: got no ${check.recordType} record, want at least 1`;
  const { expectRegions } = check;
  if (expectRegions === null) return undefined;
  for (const address of answer.addresses) {
    const region = context.regionOf(address);
    if (region === null || !expectRegions.includes(region)) {
      return `answer: got ${address} (${region ?? 'of no known region'}), want ${expectRegions.join(' or ')}`;
    }
  }
  return undefined;
}
