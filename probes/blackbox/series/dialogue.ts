/** What tcp and unix have in common: steps of a dialogue, and the series that say how it went. */

import type { Dialogue, DialogueStep } from '../../tcp/dialogue.ts';
import { bytesOf } from '../config/bytes.ts';
import type { QueryResponse } from '../config/module.ts';
import type { Run } from '../run.ts';
import { tlsSeries } from './tls.ts';

export function dialogueSteps(steps: readonly QueryResponse[]): readonly DialogueStep[] {
  return steps.map(({ expect, expectBytes, send, starttls, labels }) => ({
    ...(expect !== null && { expect }),
    ...(expectBytes !== '' && { expectBytes: bytesOf(expectBytes) }),
    ...(send !== '' && sending(send)),
    ...(starttls && { startTls: true }),
    ...(labels.length > 0 && { labels }),
  }));
}

/** What holds bytes that are no text is sent as it is: no group of an answer has a place in it. */
function sending(send: string): Pick<DialogueStep, 'send' | 'sendBytes'> {
  return send.isWellFormed() ? { send } : { sendBytes: Buffer.concat([bytesOf(send), lineFeed]) };
}

const lineFeed = Buffer.from('\n');

/** Before the connection stands there are none of these series. `tls`: whether it stands only once the handshake is done. */
export function dialogueSeries(spoken: Dialogue, tls: boolean, { metrics, log }: Run): boolean {
  for (const line of spoken.transcript) log.debug(line);
  const stood = stands(spoken, tls);
  if (stood) {
    metrics.declare('probe_failed_due_to_regex', 'probe_failed_due_to_bytes');
    if (spoken.failedDueToRegex) metrics.set('probe_failed_due_to_regex', 1);
    if (spoken.failedDueToBytes) metrics.set('probe_failed_due_to_bytes', 1);
    if (spoken.tls !== null) tlsSeries(metrics, spoken.tls, 'dialogue');
    for (const labels of spoken.expectInfo) metrics.set('probe_expect_info', 1, labels);
  }
  if (spoken.failure !== null) {
    log.error(stood ? 'Error in the dialogue' : 'Error dialing', { err: spoken.failure.reason });
  }
  return spoken.ok;
}

function stands({ ok, failure }: Dialogue, tls: boolean): boolean {
  if (ok || failure === null) return true;
  return failure.failedAt === 'answer' || (failure.failedAt === 'tls' && !tls);
}
