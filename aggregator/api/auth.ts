import { createHash, timingSafeEqual } from 'node:crypto';

export type Access = {
  /** Whether this `Authorization` header may write. */
  mayWrite(authorization: string | undefined): boolean;
  mayRead(authorization: string | undefined): boolean;
};

/** Reading is free on loopback only; beyond it the read token, or the write token, is wanted. */
export function access(
  tokens: { readonly write: string; readonly read: string | null },
  loopbackOnly: boolean,
): Access {
  const mayWrite = (authorization: string | undefined): boolean => isToken(authorization, tokens.write);
  return {
    mayWrite,
    mayRead: (authorization) =>
      loopbackOnly || mayWrite(authorization) || (tokens.read !== null && isToken(authorization, tokens.read)),
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
