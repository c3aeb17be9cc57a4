/** Host names as lists of them name them. */
import { domainToASCII } from 'node:url';

/** `example.com` is itself and all names below it; `.example.com`, also written `*.example.com`, those below it alone. */
export type HostPattern = { readonly name: string; readonly below: boolean };

export function hostPattern(text: string): HostPattern | undefined {
  const bare = text.replace(/^\*?\./, '');
  const name = canonicalHost(bare);
  return /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/.test(name) &&
    !/^[\d.]+$/.test(name)
    ? { name, below: bare !== text }
    : undefined;
}

export function matchesHost(host: string, { name, below }: HostPattern): boolean {
  const asked = canonicalHost(host);
  return asked.endsWith(`.${name}`) || (!below && asked === name);
}

/** In lower case, without the final dot of a full name, in the letters that DNS knows. */
export function canonicalHost(host: string): string {
  const bare = host.replace(/\.$/, '');
  return (domainToASCII(bare) || bare).toLowerCase();
}
