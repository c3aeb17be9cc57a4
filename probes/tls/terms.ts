/** TLS as a check says it, with the secrets that it only names. */
import type { TlsTerms } from '../../contract/tls.ts';
import type { SecretStore } from '../secrets.ts';
import type { TlsSettings } from './settings.ts';

/** What a check says of TLS, with its secrets, which are for `host` alone. The mistake is one sentence, without them. */
export async function tlsSettings(
  terms: TlsTerms,
  host: string,
  secrets: SecretStore | undefined,
): Promise<{ readonly settings: TlsSettings } | { readonly mistake: string }> {
  const { cert, key, serverName: _shown, ...plain } = terms;
  if (cert === undefined || key === undefined) return { settings: plain };
  if (secrets === undefined) return { mistake: 'the certificate of the client: there are no secrets here' };
  try {
    const [certText, keyText] = await Promise.all([secrets.read(cert, host), secrets.read(key, host)]);
    return { settings: { ...plain, cert: certText, key: keyText } };
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
}
