import { isObject, type Json, type JsonObject } from '../../../contract/json.ts';
import { same } from '../object.ts';
import { badRequest, patchFailed } from '../refusal.ts';

type Operation = {
  readonly op: string;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: Json;
};

/**
 * RFC 6902 as the API server applies it: `replace` of a field that is not there adds it, `test` of one holds for `null`
 * alone. 400 for what is no patch, 422 for one that does not apply.
 */
export function jsonPatch(target: JsonObject, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: want an array of operations');
  return (patch as readonly Json[]).map(operationOf).reduce<Json>(applied, target);
}

function operationOf(item: Json): Operation {
  if (!isObject(item) || typeof item['op'] !== 'string' || typeof item['path'] !== 'string') {
    throw badRequest('error decoding patch: want op and path in each operation');
  }
  return {
    op: item['op'],
    path: stepsOf(item['path']),
    from: typeof item['from'] === 'string' ? stepsOf(item['from']) : [],
    value: (item['value'] ?? null) as Json,
  };
}

function stepsOf(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw patchFailed();
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function applied(document: Json, { op, path, from, value }: Operation): Json {
  switch (op) {
    case 'add':
      return edited(document, path, (parent, key) => added(parent, key, value));
    case 'replace':
      return path.length === 0 ? value : edited(document, path, (parent, key) => replaced(parent, key, value));
    case 'remove':
      return edited(document, path, removed);
    case 'test':
      if (!same(read(document, path) ?? null, value)) throw patchFailed();
      return document;
    case 'move':
      return edited(edited(document, from, removed), path, (parent, key) =>
        added(parent, key, existing(document, from)),
      );
    case 'copy':
      return edited(document, path, (parent, key) => added(parent, key, existing(document, from)));
    default:
      throw patchFailed();
  }
}

type Container = Json[] | { [key: string]: Json };

/** The document with `edit` made to the container that holds the last step; 422 when there is no such container. */
function edited(document: Json, path: readonly string[], edit: (parent: Container, key: string) => void): Json {
  const [step, ...rest] = path;
  if (step === undefined || !isContainer(document)) throw patchFailed();
  const copy: Container = Array.isArray(document) ? [...document] : { ...(document as JsonObject) };
  if (rest.length === 0) {
    edit(copy, step);
    return copy;
  }
  const inner = edited(read(document, [step]) ?? null, rest, edit);
  if (Array.isArray(copy)) copy[indexIn(copy, step)] = inner;
  else copy[step] = inner;
  return copy;
}

function isContainer(value: Json): boolean {
  return Array.isArray(value) || isObject(value);
}

function read(document: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = document;
  for (const step of path) {
    if (Array.isArray(found)) found = found[indexIn(found, step)];
    else if (found !== undefined && isObject(found)) found = (found as JsonObject)[step];
    else throw patchFailed();
  }
  return found;
}

function existing(document: Json, path: readonly string[]): Json {
  const found = read(document, path);
  if (found === undefined) throw patchFailed();
  return found;
}

function indexIn(list: readonly Json[], step: string): number {
  const index = Number(step);
  if (!/^\d+$/.test(step) || index >= list.length) throw patchFailed();
  return index;
}

function added(parent: Container, key: string, value: Json): void {
  if (!Array.isArray(parent)) parent[key] = value;
  else if (key === '-' || Number(key) === parent.length) parent.push(value);
  else parent.splice(indexIn(parent, key), 0, value);
}

function replaced(parent: Container, key: string, value: Json): void {
  if (Array.isArray(parent)) parent[indexIn(parent, key)] = value;
  else parent[key] = value;
}

function removed(parent: Container, key: string): void {
  if (Array.isArray(parent)) parent.splice(indexIn(parent, key), 1);
  else if (Object.hasOwn(parent, key)) delete parent[key];
  else throw patchFailed();
}
