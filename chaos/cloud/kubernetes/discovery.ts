/** Where the API serves a kind, and in which version: what a scenario leaves open. Asked once for each kind. */
import { Trouble } from '../../trouble.ts';
import { bodyOf } from './answers.ts';
import { fieldsOf, listOf, textOf } from './objects.ts';
import type { Transport } from './transport.ts';

export type ResourceName = { readonly group: string; readonly resource: string };

export type Served = {
  /** `/apis/apps/v1`, or `/api/v1`. */
  readonly base: string;
  readonly apiVersion: string;
  /** `Deployment`. */
  readonly kind: string;
  readonly namespaced: boolean;
  /** Has the subresource `scale`. */
  readonly scales: boolean;
};

export type Discovery = {
  /** `null`: this cluster does not serve it. */
  served(name: ResourceName, signal: AbortSignal): Promise<Served | null>;
};

/** Every cluster has these, in these versions: no need to ask. */
const known: Readonly<Record<string, Served>> = Object.fromEntries(
  [
    ['deployments', 'apps/v1', 'Deployment', true] as const,
    ['statefulsets', 'apps/v1', 'StatefulSet', true] as const,
    ['horizontalpodautoscalers', 'autoscaling/v2', 'HorizontalPodAutoscaler', false] as const,
    ['poddisruptionbudgets', 'policy/v1', 'PodDisruptionBudget', false] as const,
  ].map(([resource, apiVersion, kind, scales]) => {
    const [group] = apiVersion.split('/');
    return [`${resource}.${group}`, { base: `/apis/${apiVersion}`, apiVersion, kind, namespaced: true, scales }];
  }),
);
const core: Readonly<Record<string, Served>> = {
  configmaps: { base: '/api/v1', apiVersion: 'v1', kind: 'ConfigMap', namespaced: true, scales: false },
  nodes: { base: '/api/v1', apiVersion: 'v1', kind: 'Node', namespaced: false, scales: false },
  events: { base: '/api/v1', apiVersion: 'v1', kind: 'Event', namespaced: true, scales: false },
};

export function discovery(context: string, api: Transport): Discovery {
  const found = new Map<string, Served>();
  return {
    async served(name, signal) {
      const key = `${name.resource}.${name.group}`;
      const before = name.group === '' ? core[name.resource] : (known[key] ?? found.get(key));
      if (before !== undefined) return before;
      const served = await ask(context, api, name, signal);
      // What is not served now may be soon: only what was found is kept.
      if (served !== null) found.set(key, served);
      return served;
    },
  };
}

/** The preferred version that has the kind, else any that has. */
async function ask(context: string, api: Transport, name: ResourceName, signal: AbortSignal): Promise<Served | null> {
  const answer = await api.send({ method: 'GET', path: `/apis/${name.group}` }, signal);
  if (answer.status === 404) return null;
  const group = bodyOf(answer, `API group ${name.group} in ${context}`);
  const versions = [group['preferredVersion'], ...listOf(group['versions'])].map((one) =>
    textOf(fieldsOf(one)['groupVersion']),
  );
  for (const apiVersion of new Set(versions.filter((version) => version !== ''))) {
    const served = await askVersion(api, apiVersion, name.resource, signal);
    if (served !== null) return served;
  }
  return null;
}

async function askVersion(
  api: Transport,
  apiVersion: string,
  resource: string,
  signal: AbortSignal,
): Promise<Served | null> {
  const base = `/apis/${apiVersion}`;
  const answer = await api.send({ method: 'GET', path: base }, signal);
  if (answer.status === 404) return null;
  const listed = listOf(bodyOf(answer, base)['resources']).map(fieldsOf);
  const own = listed.find((one) => one['name'] === resource);
  if (own === undefined) return null;
  const scales = listed.some((one) => one['name'] === `${resource}/scale`);
  return { base, apiVersion, kind: textOf(own['kind']), namespaced: own['namespaced'] === true, scales };
}

/** What a drill cannot do without. */
export async function mustServe(
  { served }: Discovery,
  context: string,
  name: ResourceName,
  signal: AbortSignal,
): Promise<Served> {
  const found = await served(name, signal);
  if (found !== null) return found;
  throw new Trouble('missing', `${name.resource}.${name.group} in ${context}: the cluster does not serve this kind`);
}
