/** What is not the same in all regions, key by key: a failover leads users to another service than they had. */
import { isObject } from '../../../contract/json.ts';
import { workloadName } from '../../cluster.ts';
import { valueAt } from '../../objects.ts';
import { listAt, numberAt, textAt } from '../../preflight/facts.ts';
import type { Finding } from '../finding.ts';
import type { ClusterFacts } from './facts.ts';

type Body = { readonly [key: string]: unknown };

/** Written by tools, and different everywhere. */
const noise =
  /^(kubectl\.kubernetes\.io|deployment\.kubernetes\.io|blackstart\.dev|checksum|kubernetes\.io\/change-cause)/;
/** Of the whole: a region that has less of it than this for its share is under-scaled. */
const scaleSlack = 0.67;

export function drift(all: readonly ClusterFacts[]): readonly Finding[] {
  const names = new Set(all.flatMap(({ workloads }) => workloads.map(({ workload }) => workloadName(workload))));
  return [...names].flatMap((name) => {
    const seen = all.flatMap(({ region, workloads }) => {
      const body = workloads.find(({ workload }) => workloadName(workload) === name)?.body ?? null;
      return body === null ? [] : [{ region, keys: keysOf(body) }];
    });
    const keys = new Set(seen.flatMap((one) => [...one.keys.keys()]));
    return seen.length < 2 ? [] : [...keys].sort().flatMap((key) => differing(name, key, seen));
  });
}

type Seen = { readonly region: string; readonly keys: ReadonlyMap<string, string> };

function differing(name: string, key: string, seen: readonly Seen[]): readonly Finding[] {
  const values = Map.groupBy(seen, ({ keys }) => keys.get(key) ?? 'nothing');
  if (values.size < 2) return [];
  const told = [...values].map(([value, where]) => `${where.map(({ region }) => region).join(', ')} has ${cut(value)}`);
  return [
    {
      rule: 'cluster.drift',
      level: 'advice',
      about: `${name}: ${key}`,
      dark: null,
      share: null,
      says: `${name} differs in ${key}: ${told.join('; ')}`,
      remedy: 'make it the same in all regions, so that those who are moved find what they had',
    },
  ];
}

function cut(value: string): string {
  return value.length <= 80 ? value : `${value.slice(0, 79)}…`;
}

/** What a workload is, as texts that can be compared. Values of environment variables are not read: they may be secret. */
function keysOf(body: Body): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const put = (key: string, value: unknown): void => {
    if (value !== undefined && value !== null)
      found.set(key, typeof value === 'string' ? value : JSON.stringify(sorted(value)));
  };
  const pod = valueAt(body, ['spec', 'template', 'spec']);
  put('minReadySeconds', valueAt(body, ['spec', 'minReadySeconds']));
  put('strategy', valueAt(body, ['spec', 'strategy']));
  put('terminationGracePeriodSeconds', valueAt(pod, ['terminationGracePeriodSeconds']));
  for (const container of listAt(pod, 'containers')) {
    const name = textAt(container, 'name');
    put(`image of ${name}`, valueAt(container, ['image']));
    put(`environment names of ${name}`, environmentOf(container));
    put(`resources of ${name}`, valueAt(container, ['resources']));
    for (const probe of ['readinessProbe', 'livenessProbe', 'startupProbe'])
      put(`${probe} of ${name}`, valueAt(container, [probe]));
  }
  const annotations = valueAt(body, ['spec', 'template', 'metadata', 'annotations']);
  for (const [key, value] of Object.entries(isObject(annotations) ? annotations : {})) {
    if (!noise.test(key)) put(`annotation ${key}`, value);
  }
  return found;
}

function environmentOf(container: unknown): string | undefined {
  const names = listAt(container, 'env').map((one) => textAt(one, 'name'));
  const from = listAt(container, 'envFrom').map((one) => {
    const map = textAt(one, 'configMapRef', 'name');
    return `all of ${map === '' ? `secret ${textAt(one, 'secretRef', 'name')}` : `config map ${map}`}`;
  });
  return names.length + from.length === 0 ? undefined : [...names, ...from].sort().join(', ');
}

/** The order of keys says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

/** Replicas for each percent of the traffic. */
export function replicasPerShare(all: readonly ClusterFacts[]): readonly Finding[] {
  const scaled = all
    .map(({ region, share, workloads }) => ({
      region,
      share,
      replicas: workloads.reduce((sum, one) => sum + one.replicas, 0),
    }))
    .filter(({ share, replicas }) => share > 0 && replicas > 0);
  const replicas = scaled.reduce((sum, one) => sum + one.replicas, 0);
  const share = scaled.reduce((sum, one) => sum + one.share, 0);
  if (scaled.length < 2) return [];
  return scaled
    .filter((one) => one.replicas / one.share < (scaleSlack * replicas) / share)
    .map((one): Finding => {
      const fair = Math.ceil((one.share * replicas) / share);
      return {
        rule: 'cluster.replicas',
        level: 'advice',
        about: one.region,
        dark: null,
        share: one.share / 100,
        says: `${one.region} has ${one.replicas} of ${replicas} replicas for ${one.share} of ${share} % of the traffic; its share of them would be ${fair}`,
        remedy: `scale it to ${fair}, or say in the scenario what its share is`,
      };
    });
}

/** Pods that take users too early, or too late for what a drill promises. */
export function readiness({ region, workloads, drills }: ClusterFacts): readonly Finding[] {
  const failbackMs = Math.min(...drills.flatMap(({ expect }) => expect.map((one) => one.failbackMs)));
  return workloads.flatMap(({ workload, body }) => {
    if (body === null) return [];
    const name = `${region}: ${workloadName(workload)}`;
    const common = { about: name, dark: null, share: null } as const;
    const containers = listAt(body, 'spec', 'template', 'spec', 'containers');
    const unprobed = containers
      .filter((one) => valueAt(one, ['readinessProbe']) === undefined)
      .map((one) => textAt(one, 'name'));
    const minReadyMs = (numberAt(body, 'spec', 'minReadySeconds') ?? 0) * 1_000;
    const delayMs = Math.max(
      0,
      ...containers.map((one) => (numberAt(one, 'readinessProbe', 'initialDelaySeconds') ?? 0) * 1_000),
    );
    const lateMs = Math.max(minReadyMs, delayMs);
    const found: Finding[] = [];
    if (containers.length > 0 && unprobed.length === containers.length) {
      const says = `${name}: no container has a readiness probe (${unprobed.join(', ')}), so that its pods are sent users as soon as they are started`;
      found.push({
        ...common,
        rule: 'cluster.readiness',
        level: 'advice',
        says,
        remedy: 'add a readinessProbe that fails until the service can serve',
      });
    }
    if (Number.isFinite(failbackMs) && lateMs > failbackMs) {
      const what = minReadyMs >= delayMs ? 'minReadySeconds' : 'initialDelaySeconds of its readiness probe';
      const says = `${name}: ${what} is ${lateMs / 1_000} s, and its drill expects users to be back within ${failbackMs / 1_000} s`;
      found.push({
        ...common,
        rule: 'cluster.min-ready',
        level: delayMs > failbackMs ? 'problem' : 'advice',
        says,
        remedy: 'make it shorter, or the limit of the failback longer',
      });
    } else if (minReadyMs === 0 && unprobed.length > 0 && unprobed.length < containers.length) {
      const says = `${name}: ${unprobed.join(', ')} has no readiness probe and minReadySeconds is 0: a pod counts as available at once when it starts, whatever that container does`;
      found.push({
        ...common,
        rule: 'cluster.min-ready',
        level: 'advice',
        says,
        remedy: 'add a readinessProbe to each container, or minReadySeconds',
      });
    }
    return found;
  });
}
