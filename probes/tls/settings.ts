/** TLS as a connection is to speak it, with its secrets resolved; and the contexts that OpenSSL makes of that. */
import { createSecureContext, getCACertificates, type SecureContext, type SecureVersion } from 'node:tls';
import { reveal } from '../../contract/secret.ts';
import type { TlsVersion } from '../../contract/tls.ts';

/** PEM text, or what gives it as it is now. */
export type CaText = string | (() => string);

export type TlsSettings = {
  /** PEM texts. `ca` is trusted instead of the system's and the agent's. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** `false`: any certificate for any name will do. */
  readonly verify?: boolean;
  /** Protocols to offer, the best first: `['h2', 'http/1.1']`. */
  readonly alpn?: readonly string[];
};

const versions: { readonly [V in TlsVersion]: SecureVersion } = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};
/** One share, of the group that all servers of today know; without one the handshake takes one round trip more. */
const groups = 'X25519:prime256v1:secp384r1';
const maxContexts = 256;
/** Whom a context trusts, where that is not the system's. */
const trust = new WeakMap<SecureContext, readonly string[]>();

/** PEM texts of all whom a context of ours trusts. */
export function trustedBy(context: SecureContext): readonly string[] {
  return trust.get(context) ?? getCACertificates('default');
}

/** Makes each context once: hundreds of certificates are parsed in it. `ca`: trusted beside the system's. */
export function secureContexts(ca: CaText | null): (settings: TlsSettings) => SecureContext {
  const known = new Map<string, SecureContext>();
  let own: string | null = null;
  return (settings) => {
    const now = ca === null ? null : reveal(ca);
    if (now !== own) known.clear();
    own = now;
    const { cert, key, minVersion, maxVersion } = settings;
    // OpenSSL verifies what it can, whoever looks at the outcome: with nobody to trust a handshake costs an eighth less.
    const nobody = settings.verify === false;
    const name = JSON.stringify([nobody || settings.ca, cert, key, minVersion, maxVersion]);
    let context = known.get(name);
    if (context === undefined) {
      const added = own === null ? undefined : [...getCACertificates('default'), own];
      const trusted = nobody ? [] : settings.ca === undefined ? added : [settings.ca];
      const old = minVersion === 'TLS10' || minVersion === 'TLS11' || maxVersion === 'TLS10' || maxVersion === 'TLS11';
      context = createSecureContext({
        ecdhCurve: groups,
        ...(trusted === undefined ? {} : { ca: trusted }),
        // Whoever names a certificate trusts it, also where somebody else signed for it.
        ...(settings.ca === undefined ? {} : { allowPartialTrustChain: true }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...(minVersion === undefined ? {} : { minVersion: versions[minVersion] }),
        ...(maxVersion === undefined ? {} : { maxVersion: versions[maxVersion] }),
        // OpenSSL 3 speaks the versions before 1.2 only without its minimum of security.
        ...(old ? { ciphers: 'DEFAULT@SECLEVEL=0', minVersion: versions[minVersion ?? 'TLS10'] } : {}),
      });
      if (trusted !== undefined) trust.set(context, trusted);
      if (known.size >= maxContexts) known.clear();
      known.set(name, context);
    }
    return context;
  };
}
