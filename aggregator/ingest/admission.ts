/** Whether whoever opens the agent link may, and as whom. */
import type { Presented } from '../tls.ts';

export type Admission =
  /** With the token: as any agent. */
  | { readonly kind: 'anyone' }
  /** With a certificate: as an agent that it names. */
  | { readonly kind: 'named'; readonly names: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string };

export function admissionOf(hasToken: boolean, certificate: () => Presented): Admission {
  if (hasToken) return { kind: 'anyone' };
  const shown = certificate();
  switch (shown.kind) {
    case 'trusted':
      return { kind: 'named', names: shown.names };
    case 'refused':
      return { kind: 'refused', why: `client certificate refused: ${shown.why}` };
    case 'none':
      return { kind: 'refused', why: 'want Authorization: Bearer with the token of this aggregator' };
  }
}

/** Why it may not be this agent; `null` when it may. Results are counted by vantage, so that has to be its own too. */
export function whyNot(
  admission: Admission,
  hello: { readonly agent: string; readonly vantage: string },
): string | null {
  if (admission.kind !== 'named') return null;
  const missing = [hello.agent, hello.vantage].find((name) => !admission.names.includes(name));
  return missing === undefined ? null : `certificate of ${admission.names.join(', ')}, want one that names ${missing}`;
}
