/** The scale subresource: `spec.replicas` of a workload under a kind of its own. At zero `spec` is `{}`, as the real one's. */
import type { JsonObject } from '../../contract/json.ts';
import { bodyOf, checkPlace, type Kind } from './body.ts';
import { type Answer, type Api, type Call, checkWriteOptions, type Target } from './call.ts';
import { replace } from './commit.ts';
import { ownedBy, pruned } from './managed-fields.ts';
import { type KubeObject, numberAt, textAt, textsAt, withAt } from './object.ts';
import { appliedTo, isApply, patched } from './patched.ts';
import { invalid, Refusal } from './refusal.ts';
import { selectorText } from './selectors.ts';
import { shapes } from './shape.ts';
import { replicasCauses } from './validate.ts';
import { howOf, mustExist } from './write.ts';

const scaleKind: Kind = { kind: 'Scale', apiVersion: 'autoscaling/v1', shape: shapes['Scale'] ?? 'any' };

export function readScale(api: Api, target: Target): Answer {
  return { code: 200, body: scaleOf(mustExist(api, target), target) };
}

export function updateScale(api: Api, call: Call, target: Target): Answer {
  checkWriteOptions(call, 'UpdateOptions');
  const workload = mustExist(api, target);
  const scale = bodyOf(call, scaleKind);
  checkPlace(scale, target.name, target.namespace);
  const next = replace(api, howOf(api, call, target), workload, scaled(workload, scale, target));
  return { code: 200, body: scaleOf(next, target) };
}

export function patchScale(api: Api, call: Call, target: Target): Answer {
  checkWriteOptions(call, 'PatchOptions', isApply(call));
  const workload = mustExist(api, target);
  const how = howOf(api, call, target);
  if (!isApply(call)) {
    const scale = patched(call, scaleOf(workload, target), scaleKind);
    return { code: 200, body: scaleOf(replace(api, how, workload, scaled(workload, scale, target)), target) };
  }
  const { value, claimed } = appliedTo(call, withOwners(scaleOf(workload, target), workload), scaleKind, how.by);
  const claiming = claimed === null ? how : { ...how, claimed };
  return { code: 200, body: scaleOf(replace(api, claiming, workload, scaled(workload, value, target)), target) };
}

/** 500 for a custom resource without the field that stands for replicas, as the real one answers. */
function scaleOf(workload: KubeObject, { resource }: Target): KubeObject {
  const paths = resource.scale;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const replicas = numberAt(workload, ...paths.replicas);
  if (replicas === undefined && resource.custom) {
    const why = `the spec replicas field ${JSON.stringify(`.${paths.replicas.join('.')}`)} does not exist`;
    throw new Refusal(500, 'InternalError', `Internal error occurred: ${why}`);
  }
  const selector =
    paths.selector === null
      ? selectorText(textsAt(workload, 'spec', 'selector', 'matchLabels'))
      : (textAt(workload, ...paths.selector) ?? '');
  return {
    kind: scaleKind.kind,
    apiVersion: scaleKind.apiVersion,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === undefined || replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberAt(workload, ...paths.status) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

/** The workload with the replicas, the version and the uid of the scale; none stands for zero. */
function scaled(workload: KubeObject, scale: JsonObject, { resource }: Target): JsonObject {
  const causes = replicasCauses(scale);
  if (causes.length > 0) throw invalid({ kind: 'Scale', group: 'autoscaling' }, workload.metadata.name, causes);
  const replicas = numberAt(scale, 'spec', 'replicas') ?? 0;
  const resourceVersion = textAt(scale, 'metadata', 'resourceVersion') ?? '';
  const uid = textAt(scale, 'metadata', 'uid') ?? '';
  return {
    ...withAt(workload, resource.scale.replicas, replicas),
    metadata: { ...workload.metadata, resourceVersion, uid },
  };
}

/** Server-side apply needs to know who owns the replicas. */
function withOwners(scale: KubeObject, workload: KubeObject): KubeObject {
  const managedFields = (workload.metadata.managedFields ?? []).map((entry) => ({
    ...entry,
    fieldsV1: pruned(ownedBy(entry), (path) => path.join('.') === 'spec.replicas') as JsonObject,
  }));
  return { ...scale, metadata: { ...scale.metadata, managedFields } };
}
