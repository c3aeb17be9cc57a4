import { type FailureMode, failureModes } from '../../contract/failure-mode.ts';
import { type LoadBalancerPlan, type RegionPlan, usualLoadBalancer, type Workload } from '../scenario.ts';
import { awsPlan } from './aws.ts';
import type { Names } from './names.ts';
import { list, object, optional, type Read, required, shown } from './reader.ts';
import { present } from './tls.ts';
import { durationMs, jurisdiction, metricName, name, number, oneOf, text, url, workload } from './values.ts';

/** As written: what is left open is filled in when all regions are known. */
type WrittenRegion = Omit<RegionPlan, 'share' | 'whenDark'> & {
  readonly share: number | null;
  readonly whenDark: FailureMode | null;
};

/** Room for shares like 33.3, 33.3 and 33.4 that are not exact in binary. */
const shareSlack = 1e-6;

function region(names: Names): Read<WrittenRegion> {
  const read = object({
    jurisdiction: required(jurisdiction),
    share: optional(number(0, 100, 'a percentage of the traffic, a number'), null),
    endpoint: required(url),
    place: optional(oneOf(names.places), null),
    metrics: optional(object({ url: required(url), keep: required(list(metricName, 1)) }), null),
    kubernetes: optional(
      object({
        context: required(text('the name of a context in the kubeconfig')),
        namespace: optional(name, 'default'),
        workloads: required(list(parsedWorkload, 1)),
      }),
      null,
    ),
    whenDark: optional(oneOf(failureModes), null),
    loadBalancer: optional(loadBalancer, undefined),
    aws: optional(awsPlan, undefined),
  });
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const { aws, loadBalancer: balancer, ...rest } = found;
    return { ...rest, ...present({ aws, loadBalancer: balancer }) };
  };
}

/** AWS takes no more. */
const longestDeregistrationMs = 3_600_000;

const balancerKeys = object({
  deregistrationDelay: optional(durationMs(0, longestDeregistrationMs), usualLoadBalancer.deregistrationDelayMs),
  healthCheckInterval: optional(durationMs(), usualLoadBalancer.healthCheckIntervalMs),
});

const loadBalancer: Read<LoadBalancerPlan> = (value, at) => {
  const found = balancerKeys(value, at);
  if (found === undefined) return undefined;
  return { deregistrationDelayMs: found.deregistrationDelay, healthCheckIntervalMs: found.healthCheckInterval };
};

const parsedWorkload: Read<Workload> = (value, at) => {
  const [kind, rest] = workload(value, at)?.split('/') ?? [];
  return kind === undefined || rest === undefined ? undefined : { kind, name: rest };
};

/** Shares that are not given split what the others leave, evenly. Less than 100 in all: the rest goes elsewhere. */
export function regionPlans(names: Names): Read<Readonly<Record<string, RegionPlan>>> {
  const read = region(names);
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return at.note(shown(value), 'a mapping from region to its plan');
    }
    const plans = new Map<string, WrittenRegion>();
    for (const [key, plan] of Object.entries(value)) {
      const ok = name(key, at.in(key));
      const found = read(plan, at.in(key));
      if (ok !== undefined && found !== undefined) plans.set(key, found);
    }
    const given = [...plans.values()].reduce((sum, plan) => sum + (plan.share ?? 0), 0);
    if (given > 100 + shareSlack)
      return at.note(`shares that sum to ${Number(given.toFixed(6))}`, 'shares that sum to 100');
    if (plans.size < Object.keys(value).length) return undefined;
    const open = [...plans.values()].filter((plan) => plan.share === null).length;
    return Object.fromEntries(
      [...plans].map(([key, { whenDark, ...plan }]) => [
        key,
        { ...plan, share: plan.share ?? (100 - given) / open, ...(whenDark === null ? {} : { whenDark }) },
      ]),
    );
  };
}
