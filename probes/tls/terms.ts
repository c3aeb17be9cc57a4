/** TLS as a check says it, with the secrets that it only names. */
import type { TlsTerms } from '../../contract/tls.ts';
import type { SecretStore } from '../secrets.ts';
import type { TlsSettings } from './settings.ts';

/** `host`: whom a client certificate is shown to. Rejects with one sentence when a secret is not to be had. */
export async function tlsSettingsOf(
  { cert, key, serverName: _, ...terms }: TlsTerms,
  host: string,
  secrets: SecretStore | undefined,
): Promise<TlsSettings> {
  if (cert === undefined && key === undefined) return terms;
  if (secrets === undefined) throw new Error('this agent has no secrets, and a client certificate is asked for');
  return {
    ...terms,
    ...(cert === undefined ? {} : { cert: await secrets.read(cert, host) }),
    ...(key === undefined ? {} : { key: await secrets.read(key, host) }),
  };
}
