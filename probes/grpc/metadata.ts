/** What goes with a call beside its message. */
import { isReservedMetadata, metadataName, metadataValue } from '../../contract/grpc-metadata.ts';
import type { Header } from '../http2/hpack.ts';

export type Metadata = Readonly<Record<string, readonly string[]>>;

/** As headers; values under a name that ends in `-bin` are bytes as Latin-1, and go as base64. */
export function metadataHeaders(
  metadata: Metadata,
): { readonly headers: readonly Header[] } | { readonly mistake: string } {
  const headers: Header[] = [];
  for (const [given, values] of Object.entries(metadata)) {
    const name = given.toLowerCase();
    if (isReservedMetadata(name)) continue;
    if (!metadataName.test(name)) {
      return {
        mistake: `metadata: got the name ${JSON.stringify(given.slice(0, 40))}, want letters, digits, _ . and -`,
      };
    }
    const written = name.endsWith('-bin')
      ? values.map((value) => Buffer.from(value, 'latin1').toString('base64').replace(/=+$/, ''))
      : values;
    // The value may be a secret: it is not shown.
    if (!written.every((value) => metadataValue.test(value))) {
      return { mistake: `metadata ${name}: got a value with other characters, want printable ASCII` };
    }
    for (const value of written) headers.push([name, value]);
  }
  return { headers };
}
