/** How a check wants TLS spoken, and which of a name's addresses it wants. */
import { type AddressFamily, addressFamilies, type TlsTerms, tlsVersions } from '../../contract/tls.ts';
import { secret } from './exchange.ts';
import { object, optional, type Read, shown } from './reader.ts';
import { hostname, oneOf, text } from './values.ts';

/** Without the keys that are not there: what is absent is so on the link too. */
export type Present<T> = { -readonly [K in keyof T]?: Exclude<T[K], undefined> };
export function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}

export const tlsVersion = oneOf(tlsVersions);
export const family: Read<AddressFamily> = oneOf(addressFamilies);

const certificates = text('certificates in PEM', /-----BEGIN CERTIFICATE-----/);
const no: Read<false> = (value, at) => (value === false ? false : at.note(shown(value), 'false, or no such key'));
const written = object({
  ca: optional(certificates, undefined),
  cert: optional(secret, undefined),
  key: optional(secret, undefined),
  serverName: optional(hostname, undefined),
  minVersion: optional(tlsVersion, undefined),
  maxVersion: optional(tlsVersion, undefined),
  verify: optional(no, undefined),
});

export const tlsTerms: Read<TlsTerms> = (value, at) => {
  const found = written(value, at);
  if (found === undefined) return undefined;
  const { cert, key, minVersion, maxVersion } = found;
  if (cert === undefined && key !== undefined) return at.in('cert').note('nothing', 'the certificate of the key');
  if (key === undefined && cert !== undefined) return at.in('key').note('nothing', 'the key of the certificate');
  if (minVersion !== undefined && maxVersion !== undefined && minVersion > maxVersion) {
    return at.in('minVersion').note(minVersion, `at most maxVersion, ${maxVersion}`);
  }
  return present(found);
};
