/** From the bytes of a request to an object of the kind that its path names. */
import { parse as parseYaml } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../contract/json.ts';
import type { Call } from './call.ts';
import { at, textAt } from './object.ts';
import { badRequest, invalid, invalidValue, unsupportedMediaType } from './refusal.ts';
import { decode, type Shape } from './shape.ts';

export type Kind = { readonly kind: string; readonly apiVersion: string; readonly shape: Shape };

/** The body of a create or an update. */
export function bodyOf(call: Call, kind: Kind): JsonObject {
  const value = parsed(call);
  if (!isObject(value)) throw badRequest('the object provided is unrecognized: want a JSON object');
  const given = value as JsonObject;
  for (const field of ['kind', 'apiVersion'] as const) {
    const got = given[field] ?? kind[field];
    if (got !== kind[field]) {
      const want = `${kind.apiVersion}, Kind=${kind.kind}`;
      throw badRequest(`${field} in the data (${String(got)}) does not match the expected ${want}`);
    }
  }
  return decoded(given, kind, call, 'body');
}

function parsed(call: Call): Json {
  const type = mediaType(call);
  try {
    if (type === 'application/json' || type === '') return JSON.parse(call.body) as Json;
    if (type === 'application/yaml') return parseYaml(call.body) as Json;
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: ${String(error)}`);
  }
  throw unsupportedMediaType(['application/json', 'application/yaml']);
}

export function mediaType(call: Call): string {
  return (call.contentType.split(';')[0] ?? '').trim().toLowerCase();
}

/**
 * Leaves out unknown fields, or refuses them when `fieldValidation=Strict`; refuses values of the wrong type. What came
 * as a body is refused with 400, the outcome of a patch with 422.
 */
export function decoded(value: JsonObject, kind: Kind, call: Call, from: 'body' | 'patch'): JsonObject {
  const result = decode(value, kind.shape);
  const refuse = (why: string): Error =>
    from === 'body'
      ? badRequest(
          `${kind.kind} in version ${JSON.stringify(versionOf(kind))} cannot be handled as a ${kind.kind}: ${why}`,
        )
      : invalid({ kind: '', group: '' }, '', [invalidValue('patch', call.body, why)]);
  if (result.wrong !== undefined) throw refuse(result.wrong);
  const unknown = result.unknown.map((field) => `unknown field ${JSON.stringify(field)}`);
  const validation = call.query.get('fieldValidation') || 'Warn';
  if (unknown.length > 0 && validation === 'Strict') throw refuse(`strict decoding error: ${unknown.join(', ')}`);
  if (validation === 'Warn') call.warnings.push(...unknown);
  return { ...(result.value as JsonObject), kind: kind.kind, apiVersion: kind.apiVersion };
}

function versionOf(kind: Kind): string {
  return kind.apiVersion.split('/').at(-1) ?? kind.apiVersion;
}

/** Refuses an object whose name or namespace contradicts the path. */
export function checkPlace(object: JsonObject, name: string | null, namespace: string | null): void {
  const ownName = textAt(object, 'metadata', 'name');
  const ownNamespace = textAt(object, 'metadata', 'namespace');
  if (at(object, 'metadata') !== undefined && !isObject(at(object, 'metadata')))
    throw badRequest('metadata is no object');
  if (name !== null && ownName !== undefined && ownName !== name) {
    throw badRequest(`the name of the object (${ownName}) does not match the name on the URL (${name})`);
  }
  if (namespace !== null && ownNamespace !== undefined && ownNamespace !== '' && ownNamespace !== namespace) {
    const message = 'the namespace of the provided object does not match the namespace sent on the request';
    throw badRequest(message);
  }
}
