/** The rights of the drill runner as `deploy/kubernetes` gives them, and tokens of its account: all that drills here have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Client } from '../../conformance/kubernetes/client.ts';
import { root } from '../../fakes/program.ts';
import { create, makeNamespace } from './objects.ts';

const home = 'blackstart';
const account = 'blackstart-runner';
/** In the base, where an overlay has the names of workloads, and of their namespace. */
const anyName = 'app';
const rbac = '/apis/rbac.authorization.k8s.io/v1';

type Rule = {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  resourceNames?: readonly string[];
};
type Access = {
  readonly kind: 'Role' | 'RoleBinding' | 'ClusterRole' | 'ClusterRoleBinding';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
};

/** Makes the namespace and the account that the runner lives in; it may read who else owns replicas. */
export async function makeRunnerAccount(admin: Client): Promise<void> {
  await makeNamespace(admin, home);
  const metadata = { name: account };
  const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  await create(admin, `/api/v1/namespaces/${home}/serviceaccounts`, body);
  for (const object of accessIn('owners/owners.yaml')) await give(admin, object);
}

/** Gives the runner what it needs in a namespace of workloads. `without`: a verb that is left out, such as `update leases`. */
export async function giveAccess(
  admin: Client,
  namespace: string,
  names: readonly string[],
  without: string | null = null,
): Promise<void> {
  for (const object of [...accessIn('runner.yaml'), ...accessIn('restorer.yaml')]) {
    const rules = object.rules?.map((rule) => named(rule, names)).flatMap((rule) => lacking(rule, without));
    await give(admin, inNamespace({ ...object, ...(rules === undefined ? {} : { rules }) }, namespace));
  }
}

/** What a drill needs besides to suspend what would undo it: all that is called `name`, there and with its operators. */
export async function giveSuspending(admin: Client, namespace: string, name: string): Promise<void> {
  for (const object of ['keda', 'argo-cd', 'helm'].flatMap((file) => accessIn(`suspend/${file}.yaml`))) {
    const rules = object.rules?.map((rule) => named(rule, [name]));
    const whole = { ...object, ...(rules === undefined ? {} : { rules }) };
    await give(admin, object.metadata.namespace === anyName ? inNamespace(whole, namespace) : whole);
  }
}

function accessIn(file: string): readonly Access[] {
  const text = readFileSync(join(root, 'deploy/kubernetes/access', file), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Access);
}

function inNamespace(object: Access, namespace: string): Access {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

async function give(admin: Client, object: Access): Promise<void> {
  const { kind, metadata } = object;
  const place = metadata.namespace === undefined ? rbac : `${rbac}/namespaces/${metadata.namespace}`;
  await create(admin, `${place}/${kind.toLowerCase()}s`, object);
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
