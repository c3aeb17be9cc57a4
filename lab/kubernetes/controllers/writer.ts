/** How controllers write: through the same door as everybody, under a name of their own. */
import type { JsonObject } from '../../../contract/json.ts';
import { type Api, nowStamp } from '../call.ts';
import { erase, type How, insert, replace } from '../commit.ts';
import type { KubeObject } from '../object.ts';
import { groupVersion, type Resource } from '../resources.ts';

export type ControllerWriter = {
  create(resource: Resource, namespace: string | null, body: JsonObject): KubeObject;
  setStatus(resource: Resource, object: KubeObject, status: JsonObject): KubeObject;
  update(resource: Resource, object: KubeObject, parts: JsonObject): KubeObject;
  /** `graceSeconds` 0 removes at once; `null` leaves the usual grace. */
  remove(resource: Resource, object: KubeObject, graceSeconds: number | null): KubeObject;
};

export function writerAs(api: Api, manager: string): ControllerWriter {
  const how = (resource: Resource, subresource: string | null = null): How => ({
    resource,
    by: { manager, operation: 'Update', apiVersion: groupVersion(resource), subresource, time: nowStamp(api) },
    dryRun: false,
  });
  return {
    create: (resource, namespace, body) => insert(api, how(resource), namespace, body),
    setStatus: (resource, object, status) => replace(api, how(resource, 'status'), object, { ...object, status }),
    update: (resource, object, parts) => replace(api, how(resource), object, { ...object, ...parts }),
    remove: (resource, object, graceSeconds) => erase(api, how(resource), object, graceSeconds),
  };
}
