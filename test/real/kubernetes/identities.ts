/** Ways for a runner to meet a cluster that are not good enough, each as the text of a kubeconfig. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import { parse, stringify } from 'yaml';
import { certificateAuthority } from '../../../lab/certificates.ts';
import { kubeconfig } from '../../../lab/kubernetes.ts';
import { clock } from '../../lab/waiting.ts';
import type { RealCluster } from './cluster.ts';
import { regions } from './service.ts';

const monthMs = 30 * 86_400_000;

export function configFor(
  { credentials, url }: RealCluster,
  token: string,
  contexts: readonly string[] = regions,
): string {
  return kubeconfig(
    contexts.map((context) => ({ context, url })),
    credentials.caPem,
    token,
  );
}

/** Of a user whose certificate has expired. */
export function expiredConfig(cluster: RealCluster): string {
  const { certPem, keyPem } = cluster.credentials.expired;
  const config = parse(configFor(cluster, ''));
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const user = { 'client-certificate-data': base64(certPem), 'client-key-data': base64(keyPem) };
  return stringify({ ...config, users: [{ name: 'blackstart', user }] }, { lineWidth: 0 });
}

/** A server whose certificate ended three weeks ago: a month-old one of a week. Nothing may be sent to it. */
export async function expiredServer(): Promise<{ readonly config: string; requests(): number; close(): void }> {
  const then = { ...clock, wallMs: () => clock.wallMs() - monthMs };
  const { issue } = await certificateAuthority(then);
  const { certPem, keyPem } = await issue({ names: ['localhost'], addresses: ['127.0.0.1'] });
  let requests = 0;
  const server = createServer({ cert: certPem, key: keyPem }, (_request, response) => {
    requests += 1;
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const contexts = regions.map((context) => ({ context, url }));
  return {
    config: kubeconfig(contexts, certPem, 'a-token'),
    requests: () => requests,
    close: () => server.close(),
  };
}
