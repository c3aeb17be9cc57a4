/** How a check wants TLS spoken. What is absent is as the agent and OpenSSL have it. */
import type { SecretReference } from './secret.ts';

/** As blackbox_exporter writes them. */
export const tlsVersions = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;
export type TlsVersion = (typeof tlsVersions)[number];

export type TlsTerms = {
  /** PEM text, trusted instead of the system's and the agent's. */
  readonly ca?: string;
  /** The client's certificate in PEM, and its key; both or neither. */
  readonly cert?: SecretReference;
  readonly key?: SecretReference;
  /** The name to show and to expect on the certificate, instead of the host asked. */
  readonly serverName?: string;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** `false`: any certificate will do. */
  readonly verify?: false;
};

/** Which of a name's addresses is asked: of one family alone, or of the other where the first has none. */
export const addressFamilies = ['ip4', 'ip6', 'prefer-ip4', 'prefer-ip6'] as const;
export type AddressFamily = (typeof addressFamilies)[number];
