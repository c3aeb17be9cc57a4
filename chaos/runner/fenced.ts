import type { Cluster } from '../cluster.ts';
import type { HeldLease } from './lease.ts';

/** The cluster as the holder of a Lease may write to it: not at all once the Lease is another's. */
export function fenced(cluster: Cluster, lease: Pick<HeldLease, 'ensure'>): Cluster {
  return {
    ...cluster,
    async mark(at, mark, signal) {
      await lease.ensure(signal);
      return cluster.mark(at, mark, signal);
    },
    async scale(at, replicas, signal) {
      await lease.ensure(signal);
      return cluster.scale(at, replicas, signal);
    },
    async change(at, changes, how, signal) {
      await lease.ensure(signal);
      return cluster.change(at, changes, how, signal);
    },
    async grant(namespace, drill, rules, signal) {
      await lease.ensure(signal);
      return cluster.grant(namespace, drill, rules, signal);
    },
    async revoke(namespace, drill, signal) {
      await lease.ensure(signal);
      return cluster.revoke(namespace, drill, signal);
    },
  };
}
