import { type Cluster, leaseNameOf } from '../../cluster.ts';
import { bodyOf } from './answers.ts';
import type { Place } from './cluster.ts';
import { fieldsOf, leaseBody, leaseOf, listOf } from './objects.ts';
import type { Transport } from './transport.ts';

type Leases = Pick<Cluster, 'leases' | 'lease' | 'createLease' | 'replaceLease' | 'annotateLease' | 'deleteLease'>;

/** Leases of drills: named `blackstart-<drill>`, labelled as ours. */
export function leases({ context, namespace }: Place, api: Transport): Leases {
  const base = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const all = `Leases in ${context}/${namespace}`;
  const called = (name: string): string => `Lease ${name} in ${context}/${namespace}`;
  return {
    async leases(signal) {
      const selector = encodeURIComponent('app.kubernetes.io/managed-by=blackstart');
      const answer = await api.send({ method: 'GET', path: `${base}?labelSelector=${selector}` }, signal);
      return listOf(bodyOf(answer, all)['items'])
        .map((item) => leaseOf(fieldsOf(item)))
        .filter(({ name }) => name.startsWith(leaseNameOf('')));
    },
    async lease(name, signal) {
      const answer = await api.send({ method: 'GET', path: `${base}/${name}` }, signal);
      return answer.status === 404 ? null : leaseOf(bodyOf(answer, called(name)));
    },
    async createLease(lease, signal) {
      const body = leaseBody(lease, namespace, null);
      const answer = await api.send({ method: 'POST', path: base, body }, signal);
      return answer.status === 409 ? null : leaseOf(bodyOf(answer, called(lease.name)));
    },
    async replaceLease(at, to, signal) {
      const body = leaseBody(to, namespace, at);
      const answer = await api.send({ method: 'PUT', path: `${base}/${at.name}`, body }, signal);
      return answer.status === 409 || answer.status === 404 ? null : leaseOf(bodyOf(answer, called(at.name)));
    },
    async annotateLease(at, annotations, signal) {
      const body = { metadata: { uid: at.uid, resourceVersion: at.version, annotations } };
      const contentType = 'application/merge-patch+json';
      const answer = await api.send({ method: 'PATCH', path: `${base}/${at.name}`, body, contentType }, signal);
      return answer.status === 409 || answer.status === 404 ? null : leaseOf(bodyOf(answer, called(at.name)));
    },
    async deleteLease(at, signal) {
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        preconditions: { uid: at.uid, resourceVersion: at.version },
      };
      const answer = await api.send({ method: 'DELETE', path: `${base}/${at.name}`, body }, signal);
      if (answer.status === 404) return true;
      if (answer.status === 409) return false;
      bodyOf(answer, called(at.name));
      return true;
    },
  };
}
