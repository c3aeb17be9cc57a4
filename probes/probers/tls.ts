import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import type { ProbeContext } from '../prober.ts';
import { converse, type DialogueStep } from '../tcp/dialogue.ts';
import { observationOf, termsOf, unasked } from '../tcp/observation.ts';
import { readyDialogues } from '../tcp/ready.ts';
import { unmetTls } from '../tls/expectations.ts';

const atOnce: readonly DialogueStep[] = [];

/** One handshake, perhaps after the protocol's own words, and what it says of the server. */
export async function probeTls(check: Check<'tls'>, context: ProbeContext): Promise<Observation> {
  const steps = check.startTls === undefined ? atOnce : readyDialogues[check.startTls];
  const terms = await termsOf(check, steps, context);
  if ('failure' in terms) return unasked(check, terms.failure);
  const seen = await converse(terms, context);
  return observationOf(seen, check, context, ({ tls }) =>
    tls === null ? 'TLS: got none, want it' : unmetTls(check.expect, tls, context.clock.wallMs()),
  );
}
