/** One request, as handlers get it, and what all handlers share. */
import type { Clock } from '../../contract/clock.ts';
import type { JsonObject } from '../../contract/json.ts';
import type { Random } from '../../contract/random.ts';
import type { Access, Identity } from './access.ts';
import type { Writer } from './managed-fields.ts';
import { timestamp } from './object.ts';
import { type Cause, invalid, invalidValue, notAllowed, required } from './refusal.ts';
import type { Registry } from './registry.ts';
import { groupVersion, type Resource, type Subresource } from './resources.ts';
import type { Store } from './store.ts';

export type Target = {
  readonly resource: Resource;
  /** `null` for cluster-wide resources, and for lists over all namespaces. */
  readonly namespace: string | null;
  readonly name: string | null;
  readonly subresource: Subresource | null;
};

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: Identity;
  readonly userAgent: string;
  readonly contentType: string;
  readonly accept: string;
  readonly body: string;
  /** Said in `Warning` headers of the answer. */
  readonly warnings: string[];
};

/** All that the handlers of one cluster work on. */
export type Api = {
  readonly store: Store;
  readonly registry: Registry;
  readonly access: Access;
  readonly clock: Clock;
  /** Decides how long things take. */
  readonly random: Random;
  /** Makes up names and ids: apart, so that how often somebody asks changes nothing about how long pods take. */
  readonly ids: Random;
};

export type Answer = { readonly code: number; readonly body: JsonObject };

export function nowStamp(api: Api): string {
  return timestamp(api.clock.wallMs());
}

/** An id in the form of a UUID, from the cluster's own randomness: a seed repeats it. */
export function newUid(random: Random): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20)].join('-');
}

/** As generated names end: five letters and digits that spell nothing. */
export function newSuffix(random: Random): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

export function isDryRun(call: Call): boolean {
  return call.query.getAll('dryRun').includes('All');
}

/** Who owns what this call writes: `fieldManager`, or what the User-Agent says up to the first slash. */
export function writerOf(api: Api, call: Call, target: Target, isApply: boolean): Writer {
  return {
    manager: call.query.get('fieldManager') || (call.userAgent.split('/')[0] ?? '') || 'unknown',
    operation: isApply ? 'Apply' : 'Update',
    apiVersion: groupVersion(target.resource),
    subresource: target.subresource,
    time: nowStamp(api),
  };
}

/** Refuses options that a write cannot have; `kind` is `PatchOptions` and the like. */
export function checkWriteOptions(call: Call, kind: string, isApply = false): void {
  const causes: Cause[] = [];
  const manager = call.query.get('fieldManager') ?? '';
  if (isApply && manager === '') causes.push(required('fieldManager', 'is required for apply patch'));
  if (manager.length > 128) causes.push(invalidValue('fieldManager', manager, 'may not be more than 128 bytes'));
  if (kind === 'PatchOptions' && !isApply && call.query.has('force')) {
    causes.push(notAllowed('force', 'may not be specified for non-apply patch'));
  }
  causes.push(...notSupported(call.query.getAll('dryRun'), 'dryRun', ['All']));
  causes.push(...notSupported(call.query.getAll('fieldValidation'), 'fieldValidation', ['Ignore', 'Strict', 'Warn']));
  if (causes.length > 0) throw invalid({ kind, group: 'meta.k8s.io' }, '', causes);
}

function notSupported(values: readonly string[], field: string, allowed: readonly string[]): readonly Cause[] {
  return values
    .filter((value) => value !== '' && !allowed.includes(value))
    .map((value) => ({
      field,
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${allowed.map((one) => JSON.stringify(one)).join(', ')}`,
    }));
}
