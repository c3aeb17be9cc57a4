/** What is asked by creating, and not kept: may I, what may I, who am I; and tokens of a ServiceAccount. */
import { isObject, type Json, type JsonObject } from '../../contract/json.ts';
import { type Attributes, anonymous, type Rule } from './access.ts';
import { bodyOf, type Kind } from './body.ts';
import type { Answer, Api, Call, Target } from './call.ts';
import { at, numberAt, objectAt, textAt } from './object.ts';
import { invalid, invalidValue } from './refusal.ts';
import { accessReviews, groupVersion, rulesReviews } from './resources.ts';
import { shapes } from './shape.ts';
import { issueToken } from './tokens.ts';
import { kindOf, mustExist } from './write.ts';

export function review(api: Api, call: Call, target: Target): Answer {
  const body = bodyOf(call, kindOf(target.resource));
  const answer = {
    kind: target.resource.kind,
    apiVersion: groupVersion(target.resource),
    metadata: { creationTimestamp: null },
    spec: objectAt(body, 'spec'),
  };
  if (target.resource === accessReviews)
    return { code: 201, body: { ...answer, status: accessStatus(api, call, body) } };
  if (target.resource === rulesReviews) return { code: 201, body: { ...answer, status: rulesStatus(api, call, body) } };
  const { spec: _none, ...who } = answer;
  return { code: 201, body: { ...who, status: { userInfo: { username: call.user.user, groups: groupsOf(call) } } } };
}

function accessStatus(api: Api, call: Call, body: JsonObject): JsonObject {
  const asked = at(body, 'spec', 'resourceAttributes');
  if (!isObject(asked))
    return { allowed: call.user !== anonymous, reason: 'paths that are no resources are open to all' };
  const reason = api.access.allowed(call.user, attributesIn(asked as JsonObject));
  return reason === null ? { allowed: false } : { allowed: true, reason };
}

function attributesIn(asked: JsonObject): Attributes {
  const text = (field: string): string => textAt(asked, field) ?? '';
  return {
    verb: text('verb'),
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  };
}

function rulesStatus(api: Api, call: Call, body: JsonObject): JsonObject {
  const rules = api.access.rulesOf(call.user, textAt(body, 'spec', 'namespace') ?? '');
  return {
    resourceRules: rules.map(ruleJson),
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['*'] }],
    incomplete: false,
  };
}

function ruleJson({ apiGroups, resources, verbs, resourceNames }: Rule): Json {
  return { verbs, apiGroups, resources, ...(resourceNames === undefined ? {} : { resourceNames }) };
}

function groupsOf(call: Call): readonly string[] {
  return call.user.rules === 'all' ? ['system:masters', 'system:authenticated'] : ['system:authenticated'];
}

const tokenRequest: Kind = {
  kind: 'TokenRequest',
  apiVersion: 'authentication.k8s.io/v1',
  shape: shapes['TokenRequest'] ?? 'any',
};

/** A token for a ServiceAccount: what Roles are bound to it is what the token may do, until it expires. */
export function requestToken(api: Api, call: Call, target: Target): Answer {
  const account = mustExist(api, target);
  const body = bodyOf(call, tokenRequest);
  const seconds = numberAt(body, 'spec', 'expirationSeconds') ?? 3_600;
  if (seconds < 600) {
    const cause = invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes');
    throw invalid({ kind: 'TokenRequest', group: 'authentication.k8s.io' }, '', [cause]);
  }
  const { token, expires } = issueToken(api, account, seconds);
  const status = { token, expirationTimestamp: expires };
  const metadata = { name: account.metadata.name, namespace: target.namespace, creationTimestamp: null };
  return {
    code: 201,
    body: { ...body, metadata, spec: { ...objectAt(body, 'spec'), expirationSeconds: seconds }, status },
  };
}
