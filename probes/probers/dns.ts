import { parseHostPort } from '../../contract/address.ts';
import type { Check } from '../../contract/check.ts';
import type { Details, Observation } from '../../contract/result.ts';
import { isPlain, probeInquiry } from '../dns/check.ts';
import type { DnsAnswer } from '../dns/message.ts';
import type { ProbeContext } from '../prober.ts';
import { type PreparedQuestion, prepareQuestion } from '../resolver.ts';
import { phaseWatch } from '../watch.ts';
import { failed } from './http.ts';

/**
 * One question to one server. Over UDP no answer at all fails at `resolve`, over a connection where that ended; an
 * answer that is not what the check wants, a refusal included, fails at `answer`.
 */
export async function probeDns(check: Check<'dns'>, context: ProbeContext): Promise<Observation> {
  const plain = plainly(check);
  if (plain === 'not plain') return probeInquiry(check, context);
  const watch = phaseWatch(context.clock);
  watch.enter('resolve');
  if (plain === 'no server') {
    const reason = `server: got ${check.server}, want address:port`;
    return { ...watch.finish(), ...nobody(check), ...failed({ failedAt: 'agent', reason }), details: {} };
  }
  const asked = await context.resolver.ask(plain, context.ending);
  const timed = watch.finish();
  if (!asked.ok) return { ...timed, ...nobody(check), ...failed(asked.failure), details: { server: asked.server } };

  const { answer } = asked;
  const [first] = answer.addresses;
  const region = (first === undefined ? null : context.regionOf(first)) ?? check.region;
  const details = detailsOf(asked.server, answer);
  const reason = mismatch(answer, check, context);
  return reason === undefined
    ? { ...timed, outcome: 'good', region, servedBy: null, details }
    : { ...timed, ...failed({ failedAt: 'answer', reason }), region, servedBy: null, details };
}

function detailsOf(server: string, { rcode, addresses, ttlSeconds, scopeLength }: DnsAnswer): Details {
  const details: { -readonly [K in keyof Details]: Details[K] } = { server, rcode, answers: addresses };
  if (ttlSeconds !== null) details.ttlSeconds = ttlSeconds;
  if (scopeLength !== null) details.scopeLength = scopeLength;
  return details;
}

type Plain = PreparedQuestion | 'not plain' | 'no server';
const known = new WeakMap<Check<'dns'>, Plain>();

/** How our resolver asks it, unless it says more than that. Prepared once a check. */
function plainly(check: Check<'dns'>): Plain {
  let found = known.get(check);
  if (found === undefined) {
    found = newlyPlain(check);
    known.set(check, found);
  }
  return found;
}

function newlyPlain(check: Check<'dns'>): Plain {
  if (!isPlain(check)) return 'not plain';
  const server = check.server === null ? null : parseHostPort(check.server, 53);
  if (server === undefined) return 'no server';
  return prepareQuestion({ name: check.hostname, type: check.recordType, subnet: check.subnet }, server);
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
