/** Secrets and certificates of a module, read when they are used: a file that was replaced counts from the next probe on. */
import { readFile } from 'node:fs/promises';
import { codeOf } from '../../contract/failure.ts';
import type { TlsSettings } from '../tls/settings.ts';
import type { TlsModule } from './config/module.ts';

/** What a module needs cannot be had: one sentence that names the place and never the secret. */
export class NoMaterial extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoMaterial';
  }
}

/** The file's text. Rejects with `NoMaterial`. */
export async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new NoMaterial(`open ${path}: ${codeOf(error) === 'ENOENT' ? 'no such file or directory' : codeOf(error)}`);
  }
}

/** A secret that stands in the module, or in a file, there with the white space around it cut off; '' for none. */
export async function secretText(inline: string, file: string, reference = ''): Promise<string> {
  if (reference !== '') {
    throw new NoMaterial(`secret ${JSON.stringify(reference)}: there is no secret manager to ask`);
  }
  return file === '' ? inline : (await fileText(file)).trim();
}

/** Rejects with `NoMaterial`. */
export async function tlsSettings(tls: TlsModule, alpn?: readonly string[]): Promise<TlsSettings> {
  const [ca, cert, key] = await Promise.all([
    pem(tls.ca, tls.caFile, tls.caRef),
    pem(tls.cert, tls.certFile, tls.certRef),
    pem(tls.key, tls.keyFile, tls.keyRef),
  ]);
  if (ca !== '' && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new NoMaterial('unable to use specified CA cert: no certificate in PEM');
  }
  if ((cert === '') !== (key === '')) throw new NoMaterial('a client certificate and its key go together');
  return {
    ...(ca !== '' && { ca }),
    ...(cert !== '' && { cert, key }),
    ...(tls.minVersion !== '' && { minVersion: tls.minVersion }),
    ...(tls.maxVersion !== '' && { maxVersion: tls.maxVersion }),
    ...(tls.insecureSkipVerify && { verify: false }),
    ...(alpn !== undefined && { alpn }),
  };
}

function pem(inline: string, file: string, reference: string): Promise<string> {
  return secretText(inline, file, reference);
}
