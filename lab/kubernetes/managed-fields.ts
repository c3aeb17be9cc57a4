/** Who wrote which field last: what `metadata.managedFields` says, for every write. Lists count as one field. */
import { isObject, type Json, type JsonObject } from '../../contract/json.ts';
import { at, type KubeObject, type ManagedField, objectAt, same } from './object.ts';

/** `{ "f:spec": { "f:replicas": {} } }`: a field is a leaf when nothing is inside. */
export type Fields = { readonly [field: string]: Fields };

export type Writer = {
  readonly manager: string;
  readonly operation: 'Update' | 'Apply';
  readonly apiVersion: string;
  readonly subresource: string | null;
  readonly time: string;
};

const ownedMeta = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

/** The fields of an object that somebody can own. */
export function fieldsOf(object: JsonObject): Fields {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  const meta = Object.fromEntries(Object.entries(objectAt(metadata)).filter(([key]) => ownedMeta.includes(key)));
  const owned = Object.keys(meta).length === 0 ? rest : { metadata: meta, ...rest };
  return fieldsOfValue(owned);
}

function fieldsOfValue(value: Json): Fields {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [`f:${key}`, fieldsOfValue(inner as Json)]));
}

/** Fields of `after` that `before` does not have, or has with another value. */
export function changedFields(before: JsonObject, after: JsonObject): Fields {
  return pruned(fieldsOf(after), (path) => !same(at(before, ...path), at(after, ...path)));
}

/** The leaves for which `keep` holds, with what is above them. */
export function pruned(
  fields: Fields,
  keep: (path: readonly string[]) => boolean,
  above: readonly string[] = [],
): Fields {
  const kept: Record<string, Fields> = {};
  for (const [field, inner] of Object.entries(fields)) {
    const path = [...above, field.slice(2)];
    if (isLeaf(inner)) {
      if (keep(path)) kept[field] = inner;
      continue;
    }
    const left = pruned(inner, keep, path);
    if (!isLeaf(left)) kept[field] = left;
  }
  return kept;
}

export function isLeaf(fields: Fields): boolean {
  return Object.keys(fields).length === 0;
}

/** Whether a leaf at `path` is owned: itself, or by a leaf above it. */
export function owns(fields: Fields, path: readonly string[]): boolean {
  let found = fields;
  for (const step of path) {
    const inner = found[`f:${step}`];
    if (inner === undefined) return false;
    if (isLeaf(inner)) return true;
    found = inner;
  }
  return true;
}

function union(a: Fields, b: Fields): Fields {
  const all: Record<string, Fields> = { ...a };
  for (const [field, inner] of Object.entries(b)) all[field] = union(all[field] ?? {}, inner);
  return all;
}

export function ownedBy(entry: ManagedField): Fields {
  return entry.fieldsV1 as Fields;
}

/**
 * The entries after a write, each where it was: who wrote owns what changed, or with `claimed` also what did not; others
 * lose what changed.
 */
export function managedFields(
  before: KubeObject | undefined,
  after: KubeObject,
  by: Writer,
  claimed: Fields | null = null,
): readonly ManagedField[] {
  const changed = changedFields(before ?? {}, after);
  const entries = before?.metadata.managedFields ?? [];
  const isNew = !entries.some((entry) => isSame(entry, by));
  return [...entries, ...(isNew ? [entryOf(by, {})] : [])].flatMap((entry) => {
    const had = existing(ownedBy(entry), after);
    const has = isSame(entry, by) ? (claimed ?? union(had, changed)) : pruned(had, (path) => !owns(changed, path));
    if (isLeaf(has)) return [];
    return [isSame(entry, by) ? entryOf(by, has) : { ...entry, fieldsV1: has as JsonObject }];
  });
}

function entryOf({ subresource, ...by }: Writer, fields: Fields): ManagedField {
  const entry = { ...by, fieldsType: 'FieldsV1' as const, fieldsV1: fields as JsonObject };
  return subresource === null ? entry : { ...entry, subresource };
}

function existing(fields: Fields, after: KubeObject): Fields {
  return pruned(fields, (path) => at(after, ...path) !== undefined);
}

export function isSame(entry: ManagedField, by: Writer): boolean {
  return (
    entry.manager === by.manager &&
    entry.operation === by.operation &&
    (entry.subresource ?? null) === by.subresource &&
    entry.apiVersion === by.apiVersion
  );
}
