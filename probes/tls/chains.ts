/** The ways from a certificate to those that are trusted. */
import { X509Certificate } from 'node:crypto';
import { namesIn } from './names.ts';

/** Trusted certificates by whom they are of. Parsed only when somebody's issuer may be among them. */
export type Roots = { issuedBy(name: Buffer): readonly X509Certificate[]; has(certificate: X509Certificate): boolean };

const pemBlock = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([^-]*)-----END/g;

export function roots(pems: readonly string[]): Roots {
  const bySubject = new Map<string, Buffer[]>();
  for (const pem of pems) {
    for (const [, base64 = ''] of pem.matchAll(pemBlock)) {
      const der = Buffer.from(base64, 'base64');
      const subject = keyOf(namesIn(der).subject);
      const same = bySubject.get(subject) ?? [];
      if (!same.some((other) => other.equals(der))) bySubject.set(subject, [...same, der]);
    }
  }
  return {
    issuedBy: (name) => (bySubject.get(keyOf(name)) ?? []).flatMap(parsed),
    has: ({ raw }) => (bySubject.get(keyOf(namesIn(raw).subject)) ?? []).some((der) => der.equals(raw)),
  };
}

function keyOf(name: Buffer): string {
  return name.toString('latin1');
}

/** A text that OpenSSL passes over as no certificate is none here. */
function parsed(der: Buffer): X509Certificate[] {
  try {
    return [new X509Certificate(der)];
  } catch {
    return [];
  }
}

/** More are not looked at: whoever sends certificates could make it very long otherwise. As many as Go looks at. */
const maxLooks = 100;

/**
 * Every way from `sent[0]` over the others sent to a trusted certificate, as Go's verifier finds them; whether they are
 * in force is for OpenSSL to say. `sent` is not empty.
 */
export function chainsOf(sent: readonly X509Certificate[], trusted: Roots): X509Certificate[][] {
  const [leaf, ...between] = sent;
  if (leaf === undefined) return [];
  if (trusted.has(leaf)) return [[leaf]];
  const found: X509Certificate[][] = [];
  let looks = 0;
  function extend(chain: readonly X509Certificate[], last: X509Certificate): void {
    const { issuer } = namesIn(last.raw);
    const signs = (candidate: X509Certificate): boolean => {
      looks += 1;
      return looks <= maxLooks && !chain.some((one) => isSame(one, candidate)) && last.verify(candidate.publicKey);
    };
    for (const root of trusted.issuedBy(issuer)) if (signs(root)) found.push([...chain, root]);
    for (const one of between) {
      if (one.ca && namesIn(one.raw).subject.equals(issuer) && signs(one)) extend([...chain, one], one);
    }
  }
  extend([leaf], leaf);
  return found;
}

/** One name with one key is one holder, whoever signed for it. */
function isSame(one: X509Certificate, other: X509Certificate): boolean {
  return namesIn(one.raw).subject.equals(namesIn(other.raw).subject) && one.publicKey.equals(other.publicKey);
}
