/** The objects that a restorer is made of: a Job of our image under an account that may do no more than mend. */
import { type Cluster, leaseNameOf, type RestorerPart, type RestorerPlan } from '../../cluster.ts';
import { Trouble } from '../../trouble.ts';
import { bodyOf } from './answers.ts';
import type { Place } from './cluster.ts';
import { fieldsOf, listOf, textOf } from './objects.ts';
import type { Transport } from './transport.ts';

type Restorers = Pick<Cluster, 'createRestorerPart' | 'deleteRestorerPart' | 'restorersWith'>;
type Draft = { readonly apiVersion: string; readonly kind: string; readonly [key: string]: unknown };

const rbac = 'rbac.authorization.k8s.io';
const managed = { 'app.kubernetes.io/managed-by': 'blackstart' };
const homes: { readonly [P in RestorerPart]: string } = {
  secret: '/api/v1/namespaces/*/secrets',
  serviceaccount: '/api/v1/namespaces/*/serviceaccounts',
  role: `/apis/${rbac}/v1/namespaces/*/roles`,
  rolebinding: `/apis/${rbac}/v1/namespaces/*/rolebindings`,
  job: '/apis/batch/v1/namespaces/*/jobs',
};
const builders: { readonly [P in RestorerPart]: (plan: RestorerPlan, namespace: string) => Draft } = {
  secret: ({ notify }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    immutable: true,
    stringData: { [notifyKey]: notify ?? '' },
  }),
  serviceaccount: () => ({ apiVersion: 'v1', kind: 'ServiceAccount', automountServiceAccountToken: false }),
  role: ({ rules }) => ({
    apiVersion: `${rbac}/v1`,
    kind: 'Role',
    rules: rules.map(({ group, resources, verbs, names }) => ({
      apiGroups: [group],
      resources,
      verbs,
      ...(names.length === 0 ? {} : { resourceNames: names }),
    })),
  }),
  rolebinding: ({ lease: { name } }, namespace) => ({
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  }),
  job: jobOf,
};

/** What a restorer tells people by: from the drill's own Secret. */
const notifyVariable = 'BLACKSTART_NOTIFY';
const notifyKey = 'notify.json';

/** More than any drill lasts: a restorer that fails is started again until there is nothing left to mend. */
const startsAtMost = 10_000;
const keptAfterItsEndSeconds = 3_600;

/** As the cluster gets it. Exported for whoever starts pods where no kubelet does. */
export function jobOf({ drill, lease: { name }, image, notify = null }: RestorerPlan, namespace: string): Draft {
  const container = {
    name: 'restorer',
    image,
    args: ['restorer', '--drill', drill, '--namespace', namespace],
    ...(notify !== null && { env: [{ name: notifyVariable, valueFrom: { secretKeyRef: { name, key: notifyKey } } }] }),
    resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: {
      backoffLimit: startsAtMost,
      ttlSecondsAfterFinished: keptAfterItsEndSeconds,
      template: {
        metadata: {
          labels: managed,
          // An autoscaler that takes its node away takes the drill's safety with it.
          annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
        },
        spec: {
          restartPolicy: 'OnFailure',
          serviceAccountName: name,
          automountServiceAccountToken: true,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [container],
        },
      },
    },
  };
}

export function restorers({ context, namespace }: Place, api: Transport): Restorers {
  const homeOf = (part: RestorerPart): string => homes[part].replace('*', namespace);
  const called = (part: RestorerPart, name: string): string => `${part} ${name} in ${context}/${namespace}`;

  /** One of that name may be left of ours from a call whose answer was lost. */
  async function requireOurs(part: RestorerPart, { name, uid }: RestorerPlan['lease'], signal: AbortSignal) {
    const found = bodyOf(
      await api.send({ method: 'GET', path: `${homeOf(part)}/${name}` }, signal),
      called(part, name),
    );
    const owners = listOf(fieldsOf(found['metadata'])['ownerReferences']).map(fieldsOf);
    if (owners.some((owner) => textOf(owner['uid']) === uid)) return;
    throw new Trouble('taken', `${called(part, name)} is there already, and is not of this drill's Lease`);
  }

  return {
    async createRestorerPart(part, plan, signal) {
      const { name, uid } = plan.lease;
      const owner = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name, uid };
      const metadata = { name, namespace, labels: managed, ownerReferences: [owner] };
      const body = { ...builders[part](plan, namespace), metadata };
      const answer = await api.send({ method: 'POST', path: homeOf(part), body }, signal);
      if (answer.status !== 409) bodyOf(answer, called(part, name));
      // A Secret of its name is this very drill's: nobody needs the right to read Secrets.
      else if (part !== 'secret') await requireOurs(part, plan.lease, signal);
    },
    async deleteRestorerPart(part, name, signal) {
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
      const answer = await api.send({ method: 'DELETE', path: `${homeOf(part)}/${name}`, body }, signal);
      if (answer.status === 404) return true;
      const left = bodyOf(answer, called(part, name));
      // What is gone is answered with a Status, or as it last was; what waits for somebody says since when.
      return fieldsOf(left['metadata'])['deletionTimestamp'] === undefined;
    },
    async restorersWith(part, signal) {
      const selector = encodeURIComponent('app.kubernetes.io/managed-by=blackstart');
      const answer = await api.send({ method: 'GET', path: `${homeOf(part)}?labelSelector=${selector}` }, signal);
      // A cluster that does not know a kind has none of it.
      if (answer.status === 404) return [];
      return listOf(bodyOf(answer, `${part}s in ${context}/${namespace}`)['items'])
        .map((item) => textOf(fieldsOf(fieldsOf(item)['metadata'])['name']))
        .filter((name) => name.startsWith(leaseNameOf('')));
    },
  };
}
