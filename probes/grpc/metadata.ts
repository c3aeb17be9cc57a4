/** What goes with a call beside its message. */
import type { OutgoingHttpHeaders } from 'node:http2';

export type Metadata = Readonly<Record<string, readonly string[]>>;

/** Names that are gRPC's or HTTP's own: a client that is given them leaves them out. */
export function isReservedName(name: string): boolean {
  return name.startsWith('grpc-') || reserved.has(name);
}

const reserved: ReadonlySet<string> = new Set([
  'connection',
  'content-type',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);

/** gRPC over HTTP/2, "Custom-Metadata": lower case, and printable ASCII unless the name ends in `-bin`. */
export const metadataName = /^[0-9a-z_.-]{1,256}$/;
export const metadataValue = /^[\x20-\x7e]{0,8192}$/;

/** As headers; values under a name that ends in `-bin` are bytes as Latin-1, and go as base64. */
export function metadataHeaders(
  metadata: Metadata,
): { readonly headers: OutgoingHttpHeaders } | { readonly mistake: string } {
  const headers: OutgoingHttpHeaders = {};
  for (const [given, values] of Object.entries(metadata)) {
    const name = given.toLowerCase();
    if (isReservedName(name)) continue;
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
    headers[name] = [...written];
  }
  return { headers };
}
