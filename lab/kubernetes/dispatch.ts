/** From a request to its answer: who asks, what for, whether they may, and the handler that does it. */
import type { Cancel } from '../../contract/clock.ts';
import type { JsonObject } from '../../contract/json.ts';
import { type Attributes, anonymous } from './access.ts';
import type { Answer, Api, Call, Target } from './call.ts';
import { discovered, version } from './discovery.ts';
import { evict } from './eviction.ts';
import { list, read } from './read.ts';
import { badRequest, forbidden, methodNotAllowed, noSuchPath, Refusal } from './refusal.ts';
import { requestToken, review } from './reviews.ts';
import { targetOf } from './route.ts';
import { patchScale, readScale, updateScale } from './scale.ts';
import { nameInFieldSelector } from './selectors.ts';
import { type Sink, watch } from './watch.ts';
import { create, patch, remove, removeAll, update } from './write.ts';

export type Outcome =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'watch'; readonly start: (sink: Sink) => Cancel };

/** Throws a `Refusal` for everything that is not done. */
export function dispatch(api: Api, call: Call): Outcome {
  if (['/livez', '/readyz', '/healthz'].includes(call.path)) return { kind: 'text', text: 'ok' };
  if (call.path === '/version') return answer(version);
  const target = safely(() => targetOf(call.path, api.registry));
  if (target === undefined) return described(api, call);
  const verb = verbOf(call, target);
  authorise(api, call, target, verb);
  if (verb === 'watch') return { kind: 'watch', start: watch(api, call, target) };
  return { kind: 'answer', answer: handled(api, call, target, verb) };
}

function answer(body: JsonObject): Outcome {
  return { kind: 'answer', answer: { code: 200, body } };
}

function safely<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw badRequest('the path is not properly escaped');
  }
}

function described(api: Api, call: Call): Outcome {
  if (call.user === anonymous) {
    const path = JSON.stringify(call.path);
    throw new Refusal(403, 'Forbidden', `forbidden: User "${anonymous.user}" cannot get path ${path}`, {});
  }
  const found = discovered(call.path.replace(/(.)\/$/, '$1'), api.registry.all());
  if (found === undefined) throw noSuchPath();
  if (call.method !== 'GET') throw methodNotAllowed();
  return answer(found);
}

type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

function verbOf(call: Call, { name, resource, subresource }: Target): Verb {
  const isAsked = subresource === 'token' || subresource === 'eviction';
  if (resource.review || isAsked) {
    if (call.method === 'POST' && isAsked === (name !== null)) return 'create';
    throw methodNotAllowed();
  }
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      if (name !== null) return 'get';
      return ['true', '1'].includes(call.query.get('watch') ?? '') ? 'watch' : 'list';
    case 'POST':
      if (name === null) return 'create';
      break;
    case 'PUT':
      if (name !== null) return 'update';
      break;
    case 'PATCH':
      if (name !== null) return 'patch';
      break;
    case 'DELETE':
      if (subresource === null) return name === null ? 'deletecollection' : 'delete';
      break;
  }
  throw methodNotAllowed();
}

function authorise(api: Api, call: Call, target: Target, verb: Verb): void {
  const { resource, namespace, subresource } = target;
  const to: Attributes = {
    verb,
    group: resource.group,
    resource: resource.plural,
    subresource: subresource ?? '',
    namespace: namespace ?? '',
    name: target.name ?? nameInFieldSelector(call.query.get('fieldSelector') ?? '') ?? '',
  };
  if (api.access.allowed(call.user, to) !== null) return;
  const what = subresource === null ? resource.plural : `${resource.plural}/${subresource}`;
  const where = namespace === null ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const who = JSON.stringify(call.user.user);
  const why = `User ${who} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(resource.group)} ${where}`;
  throw forbidden(resource, target.name ?? '', why);
}

function handled(api: Api, call: Call, target: Target, verb: Exclude<Verb, 'watch'>): Answer {
  if (target.resource.review) return review(api, call, target);
  if (target.subresource === 'token') return requestToken(api, call, target);
  if (target.subresource === 'eviction') return evict(api, call, target);
  const isScale = target.subresource === 'scale';
  if (target.resource.namespaced && target.namespace === null && verb === 'create') throw methodNotAllowed();
  switch (verb) {
    case 'get':
      return isScale ? readScale(api, target) : read(api, call, target);
    case 'list':
      return list(api, call, target);
    case 'create':
      return create(api, call, target);
    case 'update':
      return isScale ? updateScale(api, call, target) : update(api, call, target);
    case 'patch':
      return isScale ? patchScale(api, call, target) : patch(api, call, target);
    case 'delete':
      return remove(api, call, target);
    case 'deletecollection':
      return removeAll(api, call, target);
  }
}
