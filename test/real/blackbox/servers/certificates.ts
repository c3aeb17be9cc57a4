/** Certificates of all sorts, as files that modules name and as servers show them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newAuthority, selfSigned } from '../../../fakes/pki.ts';

export type Pem = { readonly cert: string; readonly key: string };
export type Certificates = {
  readonly right: Pem;
  readonly expired: Pem;
  readonly otherName: Pem;
  readonly own: Pem;
  /** With the authority between, and without it. */
  readonly below: Pem;
  readonly belowAlone: Pem;
  /** Of another authority. */
  readonly stranger: Pem;
  readonly caPem: string;
  /** By their names in the cases. */
  readonly files: Readonly<Record<string, string>>;
};

const hourMs = 3_600_000;

export async function makeCertificates(dir: string): Promise<Certificates> {
  const nowMs = Date.now();
  const authority = await newAuthority('Root of the test', nowMs);
  const between = await authority.subordinate('Between');
  const other = await newAuthority('Another root', nowMs);
  const names = { dns: ['localhost', 'shop.example'], addresses: ['127.0.0.1', '::1'], usage: 'server' } as const;
  const below = await between.issue({ commonName: 'below', ...names });
  const client = await authority.issue({ commonName: 'client', usage: 'client' });
  const wrongClient = await other.issue({ commonName: 'client', usage: 'client' });
  const texts: Readonly<Record<string, string>> = {
    ca: authority.caPem,
    clientCert: client.cert,
    clientKey: client.key,
    wrongCert: wrongClient.cert,
    wrongKey: wrongClient.key,
    noPem: 'this is no certificate',
  };
  const files = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const file = join(dir, `${name}.pem`);
      writeFileSync(file, text);
      return [name, file];
    }),
  );
  return {
    right: await authority.issue({ commonName: 'right', ...names }),
    expired: await authority.issue({ commonName: 'expired', ...names, forMs: -hourMs / 2 }),
    otherName: await authority.issue({ commonName: 'other', dns: ['other.example'], usage: 'server' }),
    own: await selfSigned({ commonName: 'own', ...names }, nowMs),
    below: { cert: `${below.cert}${between.caPem}`, key: below.key },
    belowAlone: below,
    stranger: await other.issue({ commonName: 'stranger', ...names }),
    caPem: authority.caPem,
    files,
  };
}
