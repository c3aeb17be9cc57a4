import type { GrpcCheck } from '../../contract/check.ts';
import { isReservedMetadata, metadataName, metadataValue } from '../../contract/grpc-metadata.ts';
import { isObject } from '../../contract/json.ts';
import type { SecretReference } from '../../contract/secret.ts';
import type { TlsTerms } from '../../contract/tls.ts';
import { secret } from './exchange.ts';
import { dictionary, oneOrMore, optional, type Read, required, shown } from './reader.ts';
import { tlsTerms } from './tls.ts';
import { body } from './values.ts';

export const port: Read<number> = (value, at) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
    ? value
    : at.note(shown(value), 'a port from 1 to 65535');

/** `true` is TLS as the agent has it. */
const tls: Read<TlsTerms> = (value, at) => (value === true ? {} : tlsTerms(value, at));

const nameOfMetadata: Read<string> = (value, at) => {
  const name = typeof value === 'string' ? value.toLowerCase() : '';
  if (isReservedMetadata(name)) return at.note(shown(value), 'a name of your own: this one is gRPC’s or HTTP’s');
  return metadataName.test(name)
    ? name
    : at.note(shown(value), 'a name of letters, digits, dots, dashes and underscores');
};
const valueOfMetadata: Read<string | SecretReference> = (value, at) => {
  if (isObject(value)) return secret(value, at);
  return typeof value === 'string' && metadataValue.test(value)
    ? value
    : at.note(shown(value), 'a text of printable ASCII, or { file: PATH } or { env: NAME } of a secret');
};

/** Fields for `object` beside those of every check and those of its place. */
export const grpcFields = {
  port: required(port),
  service: optional(body, ''),
  tls: optional(tls, undefined),
  metadata: optional(dictionary(oneOrMore(valueOfMetadata), nameOfMetadata), {}),
} as const;

type Written = Pick<GrpcCheck, 'port' | 'service' | 'metadata'> & { readonly tls: TlsTerms | undefined };

export function grpcOf({ port: at, service, tls: terms, metadata }: Written) {
  return { port: at, service, ...(terms === undefined ? {} : { tls: terms }), metadata };
}
