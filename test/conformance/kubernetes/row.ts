/** What a row of the table is, and the paths and waits that rows share. */
import { expect } from 'vitest';
import { sleep, systemClock } from '../../../contract/clock.ts';
import type { Answer, Asked, Body, Client } from './client.ts';

export type Row = {
  readonly claim: string;
  /** What the connection has to offer for this row. */
  readonly needs?: 'limitedToken' | 'compact' | 'slowPods' | 'autoscales';
  /** Replicas that the Deployment has, all ready and reported, when the row begins. */
  readonly from?: number;
  readonly exchange: (on: Place) => Promise<void>;
};

export type Place = Paths & {
  readonly client: Client;
  /** Asks and checks the status code; for refusals the Status object has to say the same. */
  expects(code: number, asked: Asked, reason?: string): Promise<Answer>;
};

export type Paths = {
  readonly deployment: string;
  readonly scale: string;
  readonly leases: string;
  readonly pods: string;
  readonly slices: string;
};

export const mergePatch = 'application/merge-patch+json';
export const strategicMergePatch = 'application/strategic-merge-patch+json';
export const jsonPatch = 'application/json-patch+json';
export const applyPatch = 'application/apply-patch+yaml';

export function placeOf(client: Client): Place {
  const { namespace, deployment } = client.at;
  const apps = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  return {
    client,
    deployment: `${apps}/${deployment}`,
    scale: `${apps}/${deployment}/scale`,
    leases: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
    pods: `/api/v1/namespaces/${namespace}/pods`,
    slices: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    async expects(code, asked, reason) {
      const answer = await client.ask(asked);
      expect(answer.code, JSON.stringify(answer.body)).toBe(code);
      if (code < 400) return answer;
      expect(answer.body).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code });
      expect(answer.body.message).toEqual(expect.any(String));
      if (reason !== undefined) expect(answer.body.reason).toBe(reason);
      return answer;
    },
  };
}

/** Scales to `replicas` and waits until the status says that it is so. */
export async function settle(on: Place, replicas: number): Promise<Body> {
  await on.expects(200, { method: 'PATCH', path: on.scale, body: { spec: { replicas } }, type: mergePatch });
  const isSettled = ({ metadata, status }: Body): boolean =>
    status?.observedGeneration >= metadata.generation &&
    (status.readyReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas;
  await until(on, on.deployment, isSettled);
  await until(on, podsOfDeployment(on), ({ items }) => items.length === replicas);
  return (await on.expects(200, { path: on.scale })).body;
}

/**
 * Reads an object and asks for a change of the version read. When the change is refused and the object has
 * another version by now, somebody else wrote between the two (a controller its status): read and asked again.
 */
export async function changed(on: Place, path: string, change: (read: Body) => Asked): Promise<[Body, Answer]> {
  for (let tries = 1; ; tries += 1) {
    const { body: read } = await on.expects(200, { path });
    const answer = await on.client.ask(change(read));
    if (answer.code < 400) return [read, answer];
    const { body: now } = await on.expects(200, { path });
    if (now.metadata.resourceVersion === read.metadata.resourceVersion || tries === mostTries) {
      throw new Error(`refused: ${answer.code} ${JSON.stringify(answer.body)}`);
    }
  }
}

export function podsOfDeployment(on: Place): string {
  return `${on.pods}?labelSelector=app%3D${on.client.at.deployment}`;
}

/** Reads the path again at each change of something in the namespace's Deployments or Pods until `holds`. */
export async function until(on: Place, path: string, holds: (body: Body) => boolean): Promise<Body> {
  for (;;) {
    const { body } = await on.expects(200, { path });
    if (holds(body)) return body;
    const version = body.metadata.resourceVersion;
    const list = path.split('?')[0] ?? path;
    const watched = body.items === undefined ? byName(list) : path;
    const joint = watched.includes('?') ? '&' : '?';
    await on.client.watch(`${watched}${joint}watch=true&timeoutSeconds=5&resourceVersion=${version}`, () => true);
  }
}

/** Asks again until the answer is as it should be: what servers keep in caches follows a moment later. */
export async function eventually(on: Place, asked: Asked, holds: (answer: Answer) => boolean): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await on.client.ask(asked);
    if (holds(answer)) return answer;
    if (tries === mostTries) throw new Error(`still ${answer.code}: ${JSON.stringify(answer.body)}`);
    await sleep(clock, lookEveryMs);
  }
}

const clock = systemClock();
const lookEveryMs = 50;
const mostTries = 400;

function byName(path: string): string {
  const slash = path.lastIndexOf('/');
  return `${path.slice(0, slash)}?fieldSelector=metadata.name%3D${path.slice(slash + 1)}`;
}

export function readyEndpoints(list: Body): number {
  return list.items
    .flatMap((slice: Body) => slice.endpoints ?? [])
    .filter((endpoint: Body) => endpoint.conditions.ready === true).length;
}
