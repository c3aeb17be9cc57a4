import { parseHostPort } from '../../contract/address.ts';
import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import { isPlain, probeInquiry } from '../dns/check.ts';
import type { DnsAnswer } from '../dns/message.ts';
import type { ProbeContext } from '../prober.ts';
import { phaseWatch } from '../watch.ts';
import { failed } from './http.ts';

/**
 * One question to one server. Over UDP no answer at all fails at `resolve`, over a connection where that ended; an
 * answer that is not what the check wants, a refusal included, fails at `answer`.
 */
export async function probeDns(check: Check<'dns'>, context: ProbeContext): Promise<Observation> {
  if (!isPlain(check)) return probeInquiry(check, context);
  const watch = phaseWatch(context.clock);
  watch.enter('resolve');
  const server = check.server === null ? null : parseHostPort(check.server, 53);
  if (server === undefined) {
    const reason = `server: got ${check.server}, want address:port`;
    return { ...watch.finish(), ...nobody(check), ...failed({ failedAt: 'agent', reason }), details: {} };
  }
  const question = { name: check.hostname, type: check.recordType, subnet: check.subnet };
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
