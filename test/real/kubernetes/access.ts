/** The rights of the drill runner as `deploy/kubernetes` gives them, and tokens of its account: all that drills here have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Client } from '../../conformance/kubernetes/client.ts';
import { root } from '../../fakes/program.ts';
import { create, makeNamespace } from './objects.ts';

const home = 'blackstart';
const account = 'blackstart-runner';
/** In the base, where an overlay has the names of workloads. */
const anyName = 'app';

type Rule = {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  resourceNames?: readonly string[];
};
type Access = { readonly kind: 'Role' | 'RoleBinding'; readonly rules?: readonly Rule[] };

/** Makes the namespace and the account that the runner lives in. */
export async function makeRunnerAccount(admin: Client): Promise<void> {
  await makeNamespace(admin, home);
  const metadata = { name: account };
  const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  await create(admin, `/api/v1/namespaces/${home}/serviceaccounts`, body);
}

/** Gives the runner what it needs in a namespace of workloads. `without`: a verb that is left out, such as `update leases`. */
export async function giveAccess(
  admin: Client,
  namespace: string,
  names: readonly string[],
  without: string | null = null,
): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  for (const object of accessObjects()) {
    const rules = object.rules?.map((rule) => named(rule, names)).flatMap((rule) => lacking(rule, without));
    const body = rules === undefined ? object : { ...object, rules };
    await create(admin, `${path}/${object.kind.toLowerCase()}s`, body);
  }
}

function accessObjects(): readonly Access[] {
  return ['runner.yaml', 'restorer.yaml'].flatMap((name) => {
    const text = readFileSync(join(root, 'deploy/kubernetes/access', name), 'utf8');
    return parseAllDocuments(text).map((document) => document.toJS() as Access);
  });
}

function named(rule: Rule, names: readonly string[]): Rule {
  return rule.resourceNames?.includes(anyName) === true ? { ...rule, resourceNames: names } : rule;
}

function lacking(rule: Rule, without: string | null): readonly Rule[] {
  const [verb = '', resource = ''] = without?.split(' ') ?? [];
  if (!rule.resources.includes(resource)) return [rule];
  const verbs = rule.verbs.filter((one) => one !== verb);
  return verbs.length === 0 ? [] : [{ ...rule, verbs }];
}

/** By TokenRequest, as the kubelet gets it for the runner's pod. */
export async function runnerToken(admin: Client, expirationSeconds = 7_200): Promise<string> {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds } };
  const { status } = await create(admin, `/api/v1/namespaces/${home}/serviceaccounts/${account}/token`, request);
  return status.token;
}
