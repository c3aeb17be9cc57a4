import { createHash, timingSafeEqual } from 'node:crypto';
import { reveal, type Secret } from '../../contract/secret.ts';
import type { Presented } from '../tls.ts';

export type Access = {
  /** Whether this `Authorization` header may write. */
  mayWrite(authorization: string | undefined): boolean;
  /** Whether it may read; a client certificate that we trust may too. */
  mayRead(authorization: string | undefined, certificate?: () => Presented): boolean;
};

/** Reading is free on loopback only; beyond it the read token, the write token or a client certificate is wanted. */
export function access(
  tokens: { readonly write: Secret; readonly read: Secret | null },
  loopbackOnly: boolean,
): Access {
  const mayWrite = (authorization: string | undefined): boolean => isToken(authorization, reveal(tokens.write));
  return {
    mayWrite,
    mayRead: (authorization, certificate) =>
      loopbackOnly ||
      mayWrite(authorization) ||
      (tokens.read !== null && isToken(authorization, reveal(tokens.read))) ||
      certificate?.().kind === 'trusted',
  };
}

/** In constant time, whatever was sent: both sides are hashed to the same length first. */
function isToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1] ?? '';
  const same = timingSafeEqual(digest(given), digest(token));
  return same && token !== '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
