/** From a host's name to the one address that is asked. */
import { isIP } from 'node:net';
import type { AddressFamily } from '../contract/tls.ts';
import { describeError, type Failure, failureOfAbort, type ProbeContext } from './prober.ts';
import { lookupSystem, prepareQuestion } from './resolver.ts';
import type { PhaseWatch } from './watch.ts';

export type Addressed =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly failure: Failure };

export type AddressOptions = {
  /** `system`: getaddrinfo. */
  readonly resolveWith: 'resolver' | 'system';
  readonly family?: AddressFamily;
};

const families = { ip4: [4], ip6: [6], 'prefer-ip4': [4, 6], 'prefer-ip6': [6, 4] } as const;

/** Literals need no resolution, and have no such phase. A second question is asked only where a family is preferred. */
export async function addressOf(
  hostname: string,
  { resolveWith, family = 'ip4' }: AddressOptions,
  watch: PhaseWatch,
  context: Pick<ProbeContext, 'resolver' | 'ending' | 'limits'>,
): Promise<Addressed> {
  if (isIP(hostname) !== 0) return { ok: true, address: hostname };
  // RFC 6761 §6.3: never asked of a server.
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) {
    const address = family === 'ip6' ? '::1' : '127.0.0.1';
    tell(hostname, address, context);
    return { ok: true, address };
  }
  watch.enter('resolve');
  let last: Addressed = { ok: false, failure: { failedAt: 'resolve', reason: `${hostname}: nothing was asked` } };
  for (const version of families[family]) {
    last = await (resolveWith === 'system' ? bySystem : byResolver)(hostname, version, context);
    if (last.ok) tell(hostname, last.address, context);
    if (last.ok || context.ending.aborted) return last;
  }
  return last;
}

function tell(host: string, address: string, { limits, ending }: Pick<ProbeContext, 'ending' | 'limits'>): void {
  limits?.named?.(host, address, ending);
}

type Asking = Pick<ProbeContext, 'resolver' | 'ending'>;

async function bySystem(hostname: string, family: 4 | 6, context: Asking): Promise<Addressed> {
  const signal = context.ending;
  try {
    return { ok: true, address: await lookupSystem(hostname, signal, family) };
  } catch (error) {
    if (signal.aborted) return { ok: false, failure: failureOfAbort(signal, 'resolve') };
    return { ok: false, failure: { failedAt: 'resolve', reason: `${hostname}: ${describeError(error)}` } };
  }
}

async function byResolver(name: string, family: 4 | 6, context: Asking): Promise<Addressed> {
  const type = family === 4 ? 'A' : 'AAAA';
  const asked = await context.resolver.ask(prepareQuestion({ name, type, subnet: null }, null), context.ending);
  if (!asked.ok) return asked;
  const [address] = asked.answer.addresses;
  if (address !== undefined) return { ok: true, address };
  const reason = `${name}: got ${asked.answer.rcode} with no ${type} record from ${asked.server}, want at least 1`;
  return { ok: false, failure: { failedAt: 'resolve', reason } };
}
