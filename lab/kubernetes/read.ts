/** GET of one object and of lists, in pages where asked. */
import type { JsonObject } from '../../contract/json.ts';
import { isObject } from '../../contract/json.ts';
import type { Answer, Api, Call, Target } from './call.ts';
import type { KubeObject } from './object.ts';
import { badRequest, type Cause, expired, invalid, notAllowed } from './refusal.ts';
import { shown, shownList } from './representation.ts';
import { selectionOf } from './selection.ts';
import { mustExist } from './write.ts';

export function read(api: Api, call: Call, target: Target): Answer {
  return { code: 200, body: shown(api, call, target.resource, mustExist(api, target)) };
}

export function list(api: Api, call: Call, target: Target): Answer {
  checkListOptions(call);
  const { resource, namespace } = target;
  const selected = selectionOf(call, resource);
  const all = api.store.list(resource, namespace).filter(selected);
  const page = pageOf(api, call, all);
  return { code: 200, body: shownList(api, call, resource, page) };
}

function checkListOptions(call: Call): void {
  const causes: Cause[] = [];
  if (call.query.has('sendInitialEvents')) {
    causes.push(notAllowed('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if ((call.query.get('resourceVersionMatch') ?? '') !== '' && (call.query.get('resourceVersion') ?? '') === '') {
    const why = 'resourceVersionMatch is forbidden unless resourceVersion is provided';
    causes.push(notAllowed('resourceVersionMatch', why));
  }
  if (causes.length > 0) throw invalid({ kind: 'ListOptions', group: 'meta.k8s.io' }, '', causes);
}

type Page = {
  readonly items: readonly KubeObject[];
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
};

/** Where the next page starts, and the version that all pages are said to be of. */
type Continue = { readonly v: string; readonly start: string };

function pageOf(api: Api, call: Call, all: readonly KubeObject[]): Page {
  const from = continueIn(call);
  const oldest = api.store.oldest();
  if (from !== undefined && Number(from.v) < oldest) throw expired(from.v, oldest);
  const rest = from === undefined ? all : all.filter((object) => placeOf(object) >= from.start);
  const limit = Number(call.query.get('limit') ?? 0);
  const resourceVersion = from?.v ?? String(api.store.version());
  const next = limit > 0 ? rest[limit] : undefined;
  if (next === undefined) return { items: rest, metadata: { resourceVersion } };
  const token: Continue = { v: resourceVersion, start: placeOf(next) };
  return {
    items: rest.slice(0, limit),
    metadata: {
      resourceVersion,
      continue: Buffer.from(JSON.stringify(token)).toString('base64url'),
      remainingItemCount: rest.length - limit,
    },
  };
}

function placeOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function continueIn(call: Call): Continue | undefined {
  const text = call.query.get('continue') ?? '';
  if (text === '') return undefined;
  const token = parsedToken(Buffer.from(text, 'base64url').toString());
  if (token === undefined) throw badRequest('continue key is not valid');
  return token;
}

function parsedToken(text: string): Continue | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const { v, start } = value as JsonObject;
    return typeof v === 'string' && typeof start === 'string' ? { v, start } : undefined;
  } catch {
    return undefined;
  }
}
