/** The variables of a pod's container: values, and keys of Secrets. */
import type { Api } from '../call.ts';
import { at, type KubeObject, listAt, textAt } from '../object.ts';
import { secrets } from '../resources.ts';

export type Environment =
  | { readonly values: Readonly<Record<string, string>> }
  /** In the kubelet's words: what it refers to is not there, and it is not started until it is. */
  | { readonly unmade: string };

export function environmentOf(api: Api, pod: KubeObject): Environment {
  const { namespace = '' } = pod.metadata;
  const values: Record<string, string> = {};
  for (const variable of listAt(pod, 'spec', 'containers', 0, 'env')) {
    const name = textAt(variable, 'name') ?? '';
    const reference = at(variable, 'valueFrom', 'secretKeyRef');
    if (reference === undefined) {
      values[name] = textAt(variable, 'value') ?? '';
      continue;
    }
    const [of = '', key = ''] = [textAt(reference, 'name'), textAt(reference, 'key')];
    const secret = api.store.get(secrets, namespace, of);
    const kept = textAt(secret, 'data', key);
    if (kept !== undefined) values[name] = Buffer.from(kept, 'base64').toString();
    else if (at(reference, 'optional') !== true) {
      const what =
        secret === undefined ? `secret "${of}" not found` : `couldn't find key ${key} in Secret ${namespace}/${of}`;
      return { unmade: what };
    }
  }
  return { values };
}
