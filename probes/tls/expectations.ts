import type { Pattern } from '../../contract/pattern.ts';
import { patternOf } from '../../contract/pattern.ts';
import type { TlsExpectation } from '../../contract/tcp.ts';
import { unmetCertificate } from '../http/expectations.ts';
import { shown } from '../prober.ts';
import type { TlsFacts } from './facts.ts';

/** The first expectation that does not hold, got and want. */
export function unmetTls(expect: TlsExpectation, facts: TlsFacts, wallMs: number): string | undefined {
  const [leaf] = facts.peers;
  const { names = [], issuer } = expect;
  if (leaf !== undefined) {
    const missing = names.find((name) => !leaf.dnsNames.some((pattern) => covers(pattern, name)));
    if (missing !== undefined) {
      return `certificate: got ${shown(leaf.subjectAlternative) || 'no names'}, want ${missing} among them`;
    }
    if (issuer !== undefined && !finds(issuer, leaf.issuer)) {
      return `certificate: got the issuer ${shown(leaf.issuer)}, want /${issuer}/`;
    }
  }
  return unmetCertificate(expect, facts, wallMs);
}

/** RFC 6125 §6.4.3: a star is one whole label, the first. */
function covers(pattern: string, name: string): boolean {
  const [wanted, offered] = [name.toLowerCase().replace(/\.$/, ''), pattern.toLowerCase()];
  if (wanted === offered) return true;
  const rest = /^[^.]+(\..+)$/.exec(wanted)?.[1];
  return rest !== undefined && offered === `*${rest}`;
}

function finds(source: string, text: string): boolean {
  const pattern: Pattern | { readonly mistake: string } = patternOf(source);
  return 'finds' in pattern && pattern.finds(text);
}
