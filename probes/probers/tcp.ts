import type { Check } from '../../contract/check.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Observation } from '../../contract/result.ts';
import type { TcpStep } from '../../contract/tcp.ts';
import type { Failure, ProbeContext } from '../prober.ts';
import { converse, type DialogueStep } from '../tcp/dialogue.ts';
import { observationOf, termsOf, unasked } from '../tcp/observation.ts';
import { readyDialogues } from '../tcp/ready.ts';

/** One connection, and the dialogue over it where there is one. */
export async function probeTcp(check: Check<'tcp'>, context: ProbeContext): Promise<Observation> {
  const said = await stepsOf(check, context);
  if ('failure' in said) return unasked(check, said.failure);
  const terms = await termsOf(check, said.steps, context);
  if ('failure' in terms) return unasked(check, terms.failure);
  const seen = await converse(said.secrets.length === 0 ? terms : { ...terms, secrets: said.secrets }, context);
  return observationOf(seen, check, context, () => undefined);
}

type Said = { readonly steps: readonly DialogueStep[]; readonly secrets: readonly string[] };
const nothing: Said = { steps: [], secrets: [] };

/** With secrets as they are now. */
async function stepsOf(check: Check<'tcp'>, context: ProbeContext): Promise<Said | { readonly failure: Failure }> {
  const { dialogue, startTls, host } = check;
  if (dialogue.length === 0 && startTls === undefined) return nothing;
  const steps: DialogueStep[] = startTls === undefined ? [] : [...readyDialogues[startTls]];
  const secrets: string[] = [];
  for (const step of dialogue) {
    let secret: string | undefined;
    if (step.secret !== undefined) {
      try {
        secret = await context.secrets?.read(step.secret, host);
      } catch (error) {
        return { failure: { failedAt: 'agent', reason: messageOf(error) } };
      }
      if (secret === undefined) return { failure: { failedAt: 'agent', reason: 'this agent reads no secrets' } };
      secrets.push(secret);
    }
    steps.push(stepOf(step, secret));
  }
  return { steps, secrets };
}

function stepOf(step: TcpStep, secret: string | undefined): DialogueStep {
  const { expect, refuse, expectHex, send, sendHex, startTls, labels } = step;
  // A dollar in a secret stands for itself.
  const literal = secret?.replaceAll('$', () => (expect === undefined ? '$' : '$$'));
  const line = send === undefined || literal === undefined ? send : send.replaceAll('{secret}', () => literal);
  return {
    ...(expect === undefined ? {} : { expect }),
    ...(refuse === undefined ? {} : { refuse }),
    ...(expectHex === undefined ? {} : { expectBytes: Buffer.from(expectHex, 'hex') }),
    ...(line === undefined ? {} : { send: line }),
    ...(sendHex === undefined ? {} : { sendBytes: Buffer.from(sendHex, 'hex') }),
    ...(startTls === undefined ? {} : { startTls }),
    ...(labels === undefined ? {} : { labels: Object.entries(labels).map(([name, value]) => ({ name, value })) }),
  };
}
