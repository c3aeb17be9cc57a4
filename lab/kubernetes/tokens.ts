/** Tokens of ServiceAccounts, in the form that the real ones have: clients read from them how long they hold. */
import { type Api, newUid } from './call.ts';
import { type KubeObject, timestamp } from './object.ts';

export type IssuedToken = { readonly token: string; readonly expires: string };

const issuer = 'https://kubernetes.default.svc.cluster.local';

/** What Roles are bound to the account is what the token may do, until it expires or the account goes. */
export function issueToken(api: Api, account: KubeObject, seconds: number): IssuedToken {
  const { namespace = '', name, uid } = account.metadata;
  const nowSeconds = Math.floor(api.clock.wallMs() / 1_000);
  const claims = {
    aud: [issuer],
    exp: nowSeconds + seconds,
    iat: nowSeconds,
    iss: issuer,
    jti: newUid(api.ids),
    'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    nbf: nowSeconds,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signature = Buffer.from(newUid(api.ids) + newUid(api.ids)).toString('base64url');
  const token = `${part({ alg: 'RS256', kid: 'cluster' })}.${part(claims)}.${signature}`;
  api.access.admit(token, { namespace, name, uid }, api.clock.nowMs() + seconds * 1_000);
  return { token, expires: timestamp((nowSeconds + seconds) * 1_000) };
}
