/** `tls_config`, wherever it stands. */
import { tlsVersions } from '../../../contract/tls.ts';
import { always, checked, secret, text, truth } from './leaves.ts';
import type { TlsVersionName } from './module.ts';
import type { Shape } from './reading.ts';
import { type Fault, stanza } from './stanza.ts';

const names: readonly string[] = tlsVersions;

function isName(name: string): name is TlsVersionName {
  return name === '' || names.includes(name);
}

const read = checked((name) => (names.includes(name) ? undefined : names.join(', ')));
const version: Shape<TlsVersionName> = {
  ...read,
  zero: '',
  read: (node, reading) => {
    const name = read.read(node, reading);
    return name !== undefined && isName(name) ? name : undefined;
  },
};

export const tlsConfig = stanza(
  {
    ca: text,
    cert: text,
    key: secret,
    ca_file: text,
    cert_file: text,
    key_file: text,
    ca_ref: text,
    cert_ref: text,
    key_ref: text,
    server_name: text,
    insecure_skip_verify: always(truth),
    min_version: version,
    max_version: version,
  },
  {
    check: (tls, fault) => {
      atMostOne(fault, { ca: tls.ca, ca_file: tls.caFile, ca_ref: tls.caRef });
      const certs = atMostOne(fault, { cert: tls.cert, cert_file: tls.certFile, cert_ref: tls.certRef });
      const keys = atMostOne(fault, { key: tls.key, key_file: tls.keyFile, key_ref: tls.keyRef });
      const [cert] = certs;
      const [key] = keys;
      if (cert !== undefined && key === undefined) fault('a key or key_file with it', cert);
      if (key !== undefined && cert === undefined) fault('a cert or cert_file with it', key);
      return undefined;
    },
  },
);

/** Notes every one of several ways to say a thing but the first. The ones that are there. */
export function atMostOne(fault: Fault, ways: Readonly<Record<string, boolean | string>>): readonly string[] {
  const there = Object.entries(ways).flatMap(([key, said]) => (said === '' || said === false ? [] : [key]));
  for (const key of there.slice(1)) fault(`at most one of ${Object.keys(ways).join(', ')}`, key, `${there[0]} too`);
  return there;
}
