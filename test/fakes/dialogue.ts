/** Dialogues in tests: what is asked for by default, and a server that plays its part line by line. */
import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { phaseNames } from '../../contract/result.ts';
import type { Ending } from '../../probes/ending.ts';
import type { ProbeContext } from '../../probes/prober.ts';
import type { Dialogue, DialogueTerms } from '../../probes/tcp/dialogue.ts';
import { type Authority, newAuthority } from './pki.ts';
import { passingClock, probing } from './probing.ts';

export function termsFor(
  at: { readonly host: string; readonly port: number },
  more: Partial<DialogueTerms> = {},
): DialogueTerms {
  return { ...at, family: 'ip4', resolveWith: 'resolver', tls: false, tlsSettings: {}, steps: [], ...more };
}

export function contextWith(options: { readonly ca?: string; readonly ending?: Ending } = {}): ProbeContext {
  const { ending = new AbortController().signal, ...rest } = options;
  return { ...probing(passingClock(), rest), ending };
}

/** Says `greeting` and then to each line what `answer` gives; `undefined` says nothing. */
export function talks(
  socket: Socket,
  greeting: string | undefined,
  answer: (line: string, socket: Socket) => string | undefined,
): void {
  if (greeting !== undefined) socket.write(greeting);
  let held = '';
  socket.on('data', (chunk: Buffer) => {
    held += chunk.toString('latin1');
    for (let at = held.indexOf('\n'); at >= 0; at = held.indexOf('\n')) {
      const said = answer(held.slice(0, at).replace(/\r$/, ''), socket);
      held = held.slice(at + 1);
      if (said !== undefined) socket.write(said);
    }
  });
}

/** As a conformance suite asks of observations. */
export function phasesAddUp({ phases, durationMs }: Dialogue): void {
  expect(Object.values(phases).reduce((sum, length) => sum + length, 0)).toBe(durationMs);
  expect(Object.keys(phases)).toEqual(phaseNames.filter((name) => name in phases));
}

/** An authority, and a server's certificate of it for `mail.test` and loopback. */
export async function mailCertificate(): Promise<{ authority: Authority; cert: string; key: string }> {
  const authority = await newAuthority('Root', systemClock().wallMs());
  const wish = {
    commonName: 'mail.test',
    dns: ['mail.test'],
    addresses: ['127.0.0.1', '::1'],
    usage: 'server',
  } as const;
  return { authority, ...(await authority.issue(wish)) };
}
