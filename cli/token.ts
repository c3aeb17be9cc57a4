import { randomBytes } from 'node:crypto';

/** A new secret that nobody can guess. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}
