/** Who may do what: rules given with the tokens, and those of the Roles that are bound to them in a namespace. */
import type { Clock } from '../../contract/clock.ts';
import type { Json } from '../../contract/json.ts';
import { type KubeObject, listAt, objectAt, textAt } from './object.ts';
import { roleBindings, roles, serviceAccounts } from './resources.ts';
import type { Store } from './store.ts';

/** As in a Role: empty lists allow nothing, `*` everything. */
export type Rule = {
  readonly apiGroups: readonly string[];
  /** `deployments`, or `deployments/scale`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
  /** Where the rule holds; absent: in all namespaces and cluster-wide. */
  readonly namespaces?: readonly string[];
};

export type Identity = {
  readonly user: string;
  readonly rules: 'all' | readonly Rule[];
  /** Of a ServiceAccount's token: it counts only while this very account is there. */
  readonly account?: Account;
};

export type Account = { readonly namespace: string; readonly name: string; readonly uid: string };

export type Attributes = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
};

export type Access = {
  /** `undefined`: the token is not known, or no more. */
  identify(token: string): Identity | undefined;
  /** Lets a token of a ServiceAccount in until `untilMs`. */
  admit(token: string, account: Account, untilMs: number): void;
  /** `null` when it may not; otherwise why it may. */
  allowed(who: Identity, to: Attributes): string | null;
  rulesOf(who: Identity, namespace: string): readonly Rule[];
};

export const anonymous: Identity = { user: 'system:anonymous', rules: [] };
export const everythingAllowed: Rule = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };

type Admitted = { readonly account: Account; readonly user: string; readonly untilMs: number };

/** What the real server lets everybody ask who has a token. */
const selfReviews: readonly Rule[] = [
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    verbs: ['create'],
  },
  { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
];

export function accessOf(tokens: Readonly<Record<string, Identity>>, store: Store, clock: Clock): Access {
  const given = new Map(Object.entries(tokens));
  const admitted = new Map<string, Admitted>();

  function rulesOf(who: Identity, namespace: string): readonly Rule[] {
    if (who.rules === 'all') return [everythingAllowed];
    const here = who.rules.filter(({ namespaces }) => namespaces === undefined || namespaces.includes(namespace));
    return [...selfReviews, ...here, ...(namespace === '' ? [] : boundRules(store, who.user, namespace))];
  }

  return {
    identify(token) {
      const late = admitted.get(token);
      if (late === undefined) return given.get(token);
      const { account, user, untilMs } = late;
      const there = store.get(serviceAccounts, account.namespace, account.name)?.metadata.uid === account.uid;
      return there && untilMs > clock.nowMs() ? { user, rules: [], account } : undefined;
    },
    admit: (token, account, untilMs) =>
      void admitted.set(token, { account, user: serviceAccountUser(account.namespace, account.name), untilMs }),
    allowed(who, to) {
      if (who.rules === 'all') return 'the token may do everything';
      if (who === anonymous) return null;
      return rulesOf(who, to.namespace).some((rule) => covers(rule, to)) ? `a rule allows ${who.user} to` : null;
    },
    rulesOf,
  };
}

function boundRules(store: Store, user: string, namespace: string): readonly Rule[] {
  return store
    .list(roleBindings, namespace)
    .filter((binding) => listAt(binding, 'subjects').some((subject) => userOf(subject, namespace) === user))
    .flatMap((binding) => {
      const role = store.get(roles, namespace, textAt(binding, 'roleRef', 'name') ?? '');
      return role === undefined ? [] : rulesInRole(role);
    });
}

function userOf(subject: Json, bindingNamespace: string): string | undefined {
  const name = textAt(subject, 'name');
  if (textAt(subject, 'kind') !== 'ServiceAccount') return name;
  return serviceAccountUser(textAt(subject, 'namespace') ?? bindingNamespace, name ?? '');
}

function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

export function rulesInRole(role: KubeObject): readonly Rule[] {
  return listAt(role, 'rules').map((rule) => {
    const names = textsIn(rule, 'resourceNames');
    return {
      apiGroups: textsIn(rule, 'apiGroups'),
      resources: textsIn(rule, 'resources'),
      verbs: textsIn(rule, 'verbs'),
      ...(names.length === 0 ? {} : { resourceNames: names }),
    };
  });
}

function textsIn(rule: Json, field: string): readonly string[] {
  return listAt(objectAt(rule), field).filter((item) => typeof item === 'string');
}

function covers(rule: Rule, to: Attributes): boolean {
  const resource = to.subresource === '' ? to.resource : `${to.resource}/${to.subresource}`;
  const { resourceNames } = rule;
  return (
    includes(rule.apiGroups, to.group) &&
    includes(rule.verbs, to.verb) &&
    (includes(rule.resources, resource) || (to.subresource !== '' && rule.resources.includes(`*/${to.subresource}`))) &&
    (resourceNames === undefined || resourceNames.includes(to.name))
  );
}

function includes(allowed: readonly string[], wanted: string): boolean {
  return allowed.includes('*') || allowed.includes(wanted);
}
