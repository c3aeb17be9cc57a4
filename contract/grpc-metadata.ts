/** What may go with a gRPC call beside its message: gRPC over HTTP/2, "Custom-Metadata". */

/** Names that are gRPC's or HTTP's own, in lower case: a client that is given them leaves them out. */
export function isReservedMetadata(name: string): boolean {
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

/** In lower case. */
export const metadataName = /^[0-9a-z_.-]{1,256}$/;
/** Of a name that does not end in `-bin`. */
export const metadataValue = /^[\x20-\x7e]{0,8192}$/;
