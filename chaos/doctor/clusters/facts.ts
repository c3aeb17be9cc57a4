/** What a region's cluster is judged by. */
import type { DrillPlan, KubernetesPlan, Workload } from '../../../scenarios/scenario.ts';
import type { Right } from '../../cluster.ts';
import type { Finding as OwnerFinding } from '../../preflight/finding.ts';

export type WorkloadFacts = {
  readonly workload: Workload;
  /** As the API has it; `null`: there is none. */
  readonly body: { readonly [key: string]: unknown } | null;
  readonly replicas: number;
};

export type Asked = { readonly right: Right; readonly allowed: boolean };

export type ClusterFacts = {
  readonly region: string;
  readonly plan: KubernetesPlan;
  /** Percent of the traffic. */
  readonly share: number;
  /** Those that take this region away. */
  readonly drills: readonly DrillPlan[];
  readonly workloads: readonly WorkloadFacts[];
  readonly owners: readonly OwnerFinding[];
  /** What a drill needs, asked one by one. */
  readonly rights: readonly Asked[];
  /** Who asked; `null`: the cluster does not tell. */
  readonly user: string | null;
};
