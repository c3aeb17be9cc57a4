/** Until when the credentials of a kubeconfig's user are good. */
import { X509Certificate } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { isObject } from '../../../contract/json.ts';
import type { Credential } from '../../cluster.ts';

/**
 * What requests will show: a client certificate, a bearer token, or both. A plugin and a token file are asked again when
 * what they gave has ended; all else is as it is in the kubeconfig until somebody writes it anew.
 */
export async function credentialsOf(config: KubeConfig): Promise<readonly Credential[]> {
  const user = config.getCurrentUser();
  const applied: RequestOptions = {};
  await config.applyToHTTPSOptions(applied);
  const renewed = Boolean(user?.exec) || Boolean(user?.authProvider);
  const name = user?.name ?? 'nobody';
  const header = (applied.headers as Readonly<Record<string, unknown>> | undefined)?.['Authorization'];
  const token = typeof header === 'string' && header.startsWith('Bearer ') ? header.slice('Bearer '.length) : undefined;
  return [
    ...(applied.cert === undefined
      ? []
      : [
          { what: `the client certificate of user ${name}`, expiresAtMs: certificateEndMs(`${applied.cert}`), renewed },
        ]),
    ...(token === undefined ? [] : [{ what: `the token of user ${name}`, expiresAtMs: tokenEndMs(token), renewed }]),
  ];
}

/** `null` for what is no certificate: the API server will say so. */
export function certificateEndMs(pem: string): number | null {
  try {
    const endMs = Date.parse(new X509Certificate(pem).validTo);
    return Number.isNaN(endMs) ? null : endMs;
  } catch {
    return null;
  }
}

/** The `exp` of a JSON Web Token; `null` for one without, and for tokens of other kinds. */
export function tokenEndMs(token: string): number | null {
  const [, claims] = token.split('.');
  if (claims === undefined) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    const end = isObject(value) ? value['exp'] : undefined;
    return typeof end === 'number' && Number.isFinite(end) ? end * 1_000 : null;
  } catch {
    return null;
  }
}
