import { isObject, type Json, type JsonObject } from '../../../contract/json.ts';
import { at, same } from '../object.ts';

/** Lists that are merged item by item, by the end of their path, and the field that tells the items apart. */
const mergeKeys: readonly (readonly [end: string, key: string])[] = [
  ['containers.ports', 'containerPort'],
  ['containers.env', 'name'],
  ['containers.volumeMounts', 'mountPath'],
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['volumes', 'name'],
  ['imagePullSecrets', 'name'],
  ['status.conditions', 'type'],
  ['metadata.ownerReferences', 'uid'],
];
/** Lists of plain values that are united. */
const united = ['metadata.finalizers'];

/** A merge patch that knows which lists have keys, and the directives `$patch`, `$retainKeys` and `$deleteFromPrimitiveList`. */
export function strategicMergePatch(target: Json | undefined, patch: Json, path = ''): Json {
  if (!isObject(patch)) return patch;
  const given = patch as JsonObject;
  if (given['$patch'] === 'replace') return withoutDirectives(given);
  const merged: Record<string, Json> = isObject(target) ? { ...(target as JsonObject) } : {};
  const retained = given['$retainKeys'];
  for (const [key, value] of Object.entries(given)) {
    const [, primitiveList] = /^\$deleteFromPrimitiveList\/(.+)$/.exec(key) ?? [];
    if (primitiveList !== undefined) merged[primitiveList] = without(merged[primitiveList], value);
    else if (key.startsWith('$')) continue;
    else if (value === null || at(value, '$patch') === 'delete') delete merged[key];
    else merged[key] = mergedField(merged[key], value, path === '' ? key : `${path}.${key}`);
  }
  if (Array.isArray(retained)) for (const key of Object.keys(merged)) if (!retained.includes(key)) delete merged[key];
  return merged;
}

function mergedField(current: Json | undefined, value: Json, path: string): Json {
  if (!Array.isArray(value)) return strategicMergePatch(current, value, path);
  const list: readonly Json[] = Array.isArray(current) ? current : [];
  if (united.includes(path)) return [...list, ...value.filter((item: Json) => !list.some((had) => same(had, item)))];
  const key = mergeKeys.find(([end]) => path === end || path.endsWith(`.${end}`))?.[1];
  if (key === undefined || value.some((item: Json) => at(item, '$patch') === 'replace')) {
    return value.filter((item: Json) => at(item, '$patch') === undefined);
  }
  return mergedList(list, value, { key, path });
}

function mergedList(
  list: readonly Json[],
  patch: readonly Json[],
  by: { readonly key: string; readonly path: string },
): Json {
  let merged = [...list];
  for (const item of patch) {
    const matches = (other: Json): boolean => same(at(other, by.key), at(item, by.key));
    if (at(item, '$patch') === 'delete') merged = merged.filter((other) => !matches(other));
    else if (merged.some(matches)) {
      merged = merged.map((other) => (matches(other) ? strategicMergePatch(other, item, by.path) : other));
    } else merged.push(strategicMergePatch(undefined, item, by.path));
  }
  return merged;
}

function without(list: Json | undefined, unwanted: Json): Json {
  if (!Array.isArray(list) || !Array.isArray(unwanted)) return list ?? [];
  return list.filter((item: Json) => !unwanted.some((gone: Json) => same(gone, item)));
}

function withoutDirectives(value: JsonObject): Json {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('$')));
}
