import { type HostPort, parseHostPort } from '../../contract/address.ts';
import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import type { DnsAnswer, DnsQuestion } from '../dns/message.ts';
import type { ProbeContext } from '../prober.ts';
import { phaseWatch } from '../watch.ts';
import { failed } from './http.ts';

/**
 * One question to one server. No answer at all fails at `resolve`; an answer that is not what the check wants, a
 * refusal included, fails at `answer`.
 */
export async function probeDns(check: Check<'dns'>, context: ProbeContext): Promise<Observation> {
  const watch = phaseWatch(context.clock);
  watch.enter('resolve');
  const { server, question } = askedBy(check);
  if (server === undefined) {
    const reason = `server: got ${check.server}, want address:port`;
    return { ...watch.finish(), ...nobody(check), ...failed({ failedAt: 'agent', reason }), details: {} };
  }
  const replied = await context.resolver.ask(question, server, context.ending ?? context.signal);
  const timed = watch.finish();
  if (!replied.ok) {
    return { ...timed, ...nobody(check), ...failed(replied.failure), details: { server: replied.server } };
  }

  const { answer } = replied;
  const [first] = answer.addresses;
  const region = (first === undefined ? null : context.regionOf(first)) ?? check.region;
  const details = {
    server: replied.server,
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

type Asked = { readonly server: HostPort | null | undefined; readonly question: DnsQuestion };
const asked = new WeakMap<Check<'dns'>, Asked>();

/** Made once a check: the resolver knows a question that it has seen. */
function askedBy(check: Check<'dns'>): Asked {
  let found = asked.get(check);
  if (found === undefined) {
    const server = check.server === null ? null : parseHostPort(check.server, 53);
    found = { server, question: { name: check.hostname, type: check.recordType, subnet: check.subnet } };
    asked.set(check, found);
  }
  return found;
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
