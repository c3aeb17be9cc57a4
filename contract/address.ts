/** A host name or address, and a port. */
export type HostPort = { readonly host: string; readonly port: number };

/** `127.0.0.1:53`, `[::1]:53`, `name:0`; with `defaultPort` the port may be left out. `undefined` for anything else. */
export function parseHostPort(text: string, defaultPort?: number): HostPort | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  return host === undefined || port === undefined || port > 65_535 ? undefined : { host, port };
}

export function formatHostPort(at: HostPort): string {
  return at.host.includes(':') ? `[${at.host}]:${at.port}` : `${at.host}:${at.port}`;
}
