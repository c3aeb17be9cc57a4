/** The four patch formats, by content type. */
import { parse as parseYaml } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../contract/json.ts';
import { decoded, type Kind, mediaType } from './body.ts';
import type { Call } from './call.ts';
import { type Fields, fieldsOf, type Writer } from './managed-fields.ts';
import type { KubeObject } from './object.ts';
import { apply } from './patch/apply.ts';
import { jsonPatch } from './patch/json-patch.ts';
import { mergePatch } from './patch/merge.ts';
import { strategicMergePatch } from './patch/strategic.ts';
import { badRequest, unsupportedMediaType } from './refusal.ts';

export type Patched = { readonly value: JsonObject; readonly claimed: Fields | null };

const applyType = 'application/apply-patch+yaml';
export const strategicType = 'application/strategic-merge-patch+json';
export const patchTypes: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  strategicType,
  applyType,
];

export function isApply(call: Call): boolean {
  return mediaType(call) === applyType;
}

/** `base` with the body of a PATCH applied to it: 415 for another content type, 400 for a body that does not parse. */
export function patched(call: Call, base: KubeObject, kind: Kind): JsonObject {
  const patch = patchBody(call);
  const type = mediaType(call);
  if (type === 'application/json-patch+json') return asObject(jsonPatch(base, patch), kind, call);
  if (!isObject(patch)) throw badRequest('error decoding patch: want a JSON object');
  const merge = type === 'application/merge-patch+json' ? mergePatch : strategicMergePatch;
  return asObject(merge(base, patch as JsonObject), kind, call);
}

/** The same for server-side apply, where there may be no base yet. */
export function appliedTo(call: Call, base: KubeObject | undefined, kind: Kind, by: Writer): Patched {
  const config = patchBody(call);
  if (!isObject(config)) throw badRequest('error decoding YAML: want an object');
  const wanted = decoded(config as JsonObject, kind, call, 'body');
  const { merged } = apply(base, wanted, { by, force: call.query.get('force') === 'true' });
  return { value: asObject(merged, kind, call), claimed: fieldsOf(wanted) };
}

function patchBody(call: Call): Json {
  const type = mediaType(call);
  if (!patchTypes.includes(type)) throw unsupportedMediaType(patchTypes);
  try {
    return type === applyType ? (parseYaml(call.body) as Json) : (JSON.parse(call.body) as Json);
  } catch (error) {
    throw badRequest(`error decoding patch: ${String(error)}`);
  }
}

function asObject(value: Json, kind: Kind, call: Call): JsonObject {
  if (!isObject(value)) throw badRequest('the patch leaves no object');
  return decoded(value as JsonObject, kind, call, 'patch');
}
