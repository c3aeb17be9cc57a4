/** What checks below HTTP may ask, as users write it in TypeScript. */
import type { GrpcCheck, IcmpCheck } from '../contract/check.ts';
import type { SecretReference } from '../contract/secret.ts';
import type { TlsTerms } from '../contract/tls.ts';

type OneOrMore<T> = T | readonly T[];

/** `ip4` and our own DNS client by default. */
export type AddressSource = Partial<Pick<GrpcCheck, 'family' | 'resolveWith'>>;

export type GrpcSource = Pick<GrpcCheck, 'port'> & {
  /** The server as a whole by default. */
  readonly service?: string;
  /** `true`: as the agent has it. Without TLS by default. */
  readonly tls?: true | TlsTerms;
  readonly metadata?: { readonly [name: string]: OneOrMore<string | SecretReference> };
};

/** 56 bytes over at most 64 hops by default. */
export type IcmpSource = Partial<Pick<IcmpCheck, 'payloadBytes' | 'ttl' | 'dontFragment'>>;
