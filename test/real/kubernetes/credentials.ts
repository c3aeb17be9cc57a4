/** Keys, certificates and tokens of a cluster, as files in its folder. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificate, certificateAuthority } from '../../../lab/certificates.ts';
import { clock } from '../../lab/waiting.ts';

/** Users by their tokens; what they may do, RBAC says. `admin` is of the group that may do everything. */
const tokens = {
  admin: 'admin-token',
  controllers: 'controllers-token',
  limited: 'limited-token',
} as const;

/** Four times as long as a certificate is good for. */
const monthMs = 30 * 86_400_000;

export type Credentials = {
  readonly caPem: string;
  readonly adminToken: string;
  readonly controllersToken: string;
  /** Of the user `limited`, who may do nothing by himself. */
  readonly limitedToken: string;
  /** Of a user whom the cluster knows by its authority's word, until three weeks ago. */
  readonly expired: Certificate;
  readonly files: {
    readonly ca: string;
    readonly certificate: string;
    readonly key: string;
    readonly accountKey: string;
    readonly tokens: string;
  };
};

export async function credentialsIn(dir: string): Promise<Credentials> {
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  let backMs = 0;
  const authority = await certificateAuthority({ ...clock, wallMs: () => clock.wallMs() - backMs });
  const names = ['localhost', 'kubernetes.default.svc'];
  const { certPem, keyPem } = await authority.issue({ names, addresses: ['127.0.0.1'] });
  backMs = monthMs;
  const expired = await authority.issue({ names: ['system:masters'], addresses: [] });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const users = [
    `${tokens.admin},admin,1,"system:masters"`,
    `${tokens.controllers},system:kube-controller-manager,2`,
    `${tokens.limited},limited,3`,
  ];
  return {
    caPem: authority.caPem,
    adminToken: tokens.admin,
    controllersToken: tokens.controllers,
    limitedToken: tokens.limited,
    expired,
    files: {
      ca: file('ca.pem', authority.caPem),
      certificate: file('server.pem', certPem),
      key: file('server-key.pem', keyPem),
      accountKey: file('accounts.pem', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()),
      tokens: file('tokens.csv', `${users.join('\n')}\n`),
    },
  };
}
