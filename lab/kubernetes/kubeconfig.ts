import { stringify } from 'yaml';

/** A kubeconfig with one context per cluster, all for the same token; the first is the current one. */
export function kubeconfig(
  clusters: readonly { readonly context: string; readonly url: string }[],
  caPem: string,
  user: string | { readonly token: string; readonly namespace: string },
): string {
  const { token, namespace } = typeof user === 'string' ? { token: user, namespace: 'default' } : user;
  const ca = Buffer.from(caPem).toString('base64');
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': clusters[0]?.context ?? '',
      clusters: clusters.map(({ context, url }) => ({
        name: context,
        cluster: { server: url, 'certificate-authority-data': ca },
      })),
      users: [{ name: 'blackstart', user: { token } }],
      contexts: clusters.map(({ context }) => ({
        name: context,
        context: { cluster: context, user: 'blackstart', namespace },
      })),
    },
    { lineWidth: 0 },
  );
}
