/** Checks of what is below HTTP: connections, dialogues over them, and TLS. */
import type { CertificateExpectation } from './check.ts';
import type { SecretReference } from './secret.ts';
import type { AddressFamily, TlsTerms } from './tls.ts';

/** Protocols that begin in the clear, and are asked for TLS in their own words. */
export const startTlsProtocols = ['smtp', 'imap', 'pop3', 'ftp', 'ldap', 'postgres'] as const;
export type StartTlsProtocol = (typeof startTlsProtocols)[number];

type Place = {
  /** A name, or a literal without brackets. */
  readonly host: string;
  readonly port: number;
  readonly family: AddressFamily;
  /** `resolver`: our own DNS client at the agent's resolver. `system`: getaddrinfo. */
  readonly resolveWith: 'resolver' | 'system';
  /** The protocol's own words come before anything else. */
  readonly startTls?: StartTlsProtocol;
};

export type TcpCheck = Place & {
  /** Absent: in the clear. TLS begins with the connection, unless `startTls` or a step says where it does. */
  readonly tls?: TlsTerms;
  /** Empty: an open connection is good. */
  readonly dialogue: readonly TcpStep[];
};

/** What is waited for, then what is sent, then TLS. */
export type TcpStep = {
  /** RE2: lines are read until it is found in one. */
  readonly expect?: string;
  /** RE2: a line with it ends the attempt, which is bad. */
  readonly refuse?: string;
  /** Exactly these bytes, in hexadecimal. */
  readonly expectHex?: string;
  /**
   * A line, without its `\n`. `${1}` and `${name}` stand for groups of what `expect` found, `{secret}` for the secret.
   */
  readonly send?: string;
  /** Instead of a text. */
  readonly sendHex?: string;
  readonly secret?: SecretReference;
  readonly startTls?: true;
  /** Kept with the result, by name; values as in `send`, without secrets. */
  readonly labels?: Readonly<Record<string, string>>;
};

export type TlsCheck = Place & { readonly tls: TlsTerms; readonly expect: TlsExpectation };

export type TlsExpectation = CertificateExpectation & {
  /** The server's certificate is for each of these DNS names. */
  readonly names?: readonly string[];
  /** RE2, found in the issuer of the server's certificate as it is shown: `CN=R11,O=Let's Encrypt,C=US`. */
  readonly issuer?: string;
};
