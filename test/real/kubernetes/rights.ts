/** Rights that were used, by the API server's own log, and rights that Roles give. */
import { existsSync, readFileSync } from 'node:fs';
import type { Body } from '../../conformance/kubernetes/client.ts';
import type { RealCluster } from './cluster.ts';
import { read } from './objects.ts';

export type Used = {
  /** `update deployments/scale`. */
  readonly right: string;
  /** `null`: of the whole cluster. */
  readonly namespace: string | null;
  readonly code: number;
};

/** What the runner's account asked for. */
export function usedRights({ auditLog }: RealCluster): readonly Used[] {
  if (!existsSync(auditLog)) return [];
  const lines = readFileSync(auditLog, 'utf8').split('\n');
  const events: readonly Body[] = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  return events
    .filter(({ objectRef }) => objectRef !== undefined)
    .map(({ verb, objectRef, responseStatus }) => ({
      right: rightOf(verb, objectRef.resource, objectRef.subresource),
      namespace: objectRef.namespace ?? null,
      code: responseStatus?.code ?? 0,
    }));
}

/** What the Roles of a namespace give, and the runner's ClusterRole. */
export async function givenRights({ admin }: RealCluster, namespace: string): Promise<ReadonlySet<string>> {
  const { items } = await read(admin, `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`);
  const wide = await read(admin, '/apis/rbac.authorization.k8s.io/v1/clusterroles/blackstart-owners');
  const rules: readonly Body[] = [...items, wide].flatMap((role: Body) => role.rules);
  return new Set(
    rules.flatMap(({ resources, verbs }) =>
      resources.flatMap((resource: string) => verbs.map((verb: string) => `${verb} ${resource}`)),
    ),
  );
}

function rightOf(verb: string, resource: string, subresource: string | undefined): string {
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}
