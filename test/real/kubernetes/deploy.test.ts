/** What `deploy/kubernetes` renders to, held against the decoder and the admission of a real API server. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubeconfig } from '../../../lab/kubernetes.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import type { Body } from '../../conformance/kubernetes/client.ts';
import { command } from '../../fakes/command-line.ts';
import { root } from '../../fakes/program.ts';
import { serversBuilt } from './binaries.ts';
import { type RealCluster, realCluster } from './cluster.ts';
import { makeNamespace } from './objects.ts';

const overlay = join(root, 'deploy/kubernetes/regions/us-east-1');
/** The first that validates strictly on the server. */
const leastMinor = 27;

function kubectlIsNew(): boolean {
  try {
    const text = execFileSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8', stdio: 'pipe' });
    const { clientVersion } = JSON.parse(text) as { readonly clientVersion: { readonly minor: string } };
    if (Number.parseInt(clientVersion.minor, 10) >= leastMinor) return true;
  } catch {
    // Said below, like one that is too old.
  }
  process.stdout.write(`no kubectl of 1.${leastMinor} or later: what deploy/kubernetes renders to is not checked\n`);
  return false;
}

describe.skipIf(!serversBuilt() || !kubectlIsNew())('deploy/kubernetes', () => {
  let cluster: RealCluster;
  let rendered: string;
  let objects: readonly Body[];
  let kubectl: (...argv: readonly string[]) => string;
  beforeAll(async () => {
    cluster = await realCluster();
    const config = join(cluster.dir, 'admin.kubeconfig');
    const contexts = [{ context: 'real', url: cluster.url }];
    writeFileSync(config, kubeconfig(contexts, cluster.credentials.caPem, cluster.credentials.adminToken));
    kubectl = (...argv) =>
      execFileSync('sh', ['-c', 'exec kubectl "$@" 2>&1', 'kubectl', ...argv], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', HOME: cluster.dir, KUBECONFIG: config },
      });
    rendered = join(cluster.dir, 'rendered.yaml');
    writeFileSync(rendered, kubectl('kustomize', overlay));
    objects = parseAllDocuments(readFileSync(rendered, 'utf8')).map((document) => document.toJS());
  });
  afterAll(() => cluster?.stop());

  test('the server takes every object, strictly, without a warning', async () => {
    // A dry run makes no namespace for what is in it. The restricted one warns of pods that it would refuse.
    kubectl('apply', '-f', join(root, 'deploy/kubernetes/base/namespace.yaml'));
    await makeNamespace(cluster.admin, 'agent-api');
    const said = kubectl('apply', '--dry-run=server', '--validate=strict', '-f', rendered);
    expect(said).not.toMatch(/warning/i);
    expect(said.trim().split('\n')).toHaveLength(objects.length);
  });

  test('it takes the rights to suspend who would undo a drill', async () => {
    for (const namespace of ['app', 'argocd', 'flux-system']) await makeNamespace(cluster.admin, namespace);
    const file = join(cluster.dir, 'suspend.yaml');
    writeFileSync(file, kubectl('kustomize', join(root, 'deploy/kubernetes/access/suspend')));
    const said = kubectl('apply', '--dry-run=server', '--validate=strict', '-f', file);
    expect(said.trim().split('\n')).toHaveLength(6);
  });

  test('a mistake would be found', () => {
    const broken = join(cluster.dir, 'broken.yaml');
    writeFileSync(broken, readFileSync(rendered, 'utf8').replace('concurrencyPolicy:', 'concurrencyPolice:'));
    expect(() => kubectl('apply', '--dry-run=server', '--validate=strict', '-f', broken)).toThrow();
  });

  test('the drill is suspended until somebody wants it', () => {
    const [job] = objects.filter(({ kind }) => kind === 'CronJob');
    expect(job.spec.suspend).toBe(true);
  });

  test('a drill may write to the workloads named in the overlay, and only where they are', () => {
    const roles = objects.filter(({ kind }) => kind === 'Role');
    expect(new Set(roles.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['agent-api', 'kube-system']));
    const rules: Body[] = roles.flatMap((role) => role.rules);
    const writing = rules.filter(({ apiGroups, verbs }) => apiGroups.includes('apps') && !verbs.includes('list'));
    expect(writing.map(({ resourceNames }) => resourceNames)).toEqual([['agent-api'], ['agent-api']]);
    const wide = objects.filter(({ kind, metadata }) => kind === 'ClusterRole' || metadata.namespace === 'kube-system');
    const verbs = wide.flatMap((object) => object.rules ?? []).flatMap((rule: Body) => rule.verbs);
    expect(new Set(verbs)).toEqual(new Set(['get', 'list']));
  });

  test('every program gets only options that it has', async () => {
    const templates = objects.flatMap(({ spec }) => spec?.jobTemplate?.spec.template ?? spec?.template ?? []);
    const containers: Body[] = templates.flatMap((template: Body) => template.spec.containers);
    expect(containers.map(({ name }) => name).toSorted()).toEqual(['agent', 'aggregator', 'drill', 'serve']);
    for (const { args } of containers) {
      const words = args.filter((arg: string) => /^[a-z]/.test(arg));
      const { stdout } = await command([...words, '--help']);
      const options = args.filter((arg: string) => arg.startsWith('--')).map((arg: string) => arg.split('=')[0]);
      for (const option of options) expect(stdout).toContain(option);
    }
  });

  test('the scenario of the overlay is one, and the image is of this version', async () => {
    const scenario = await loadScenario(join(overlay, 'scenario.yaml'));
    expect(scenario.drills.map(({ name }) => name)).toEqual(['lose-us-east-1']);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };
    const images = [...readFileSync(rendered, 'utf8').matchAll(/image: "?([^\s"]+)/g)].map(([, image]) => image);
    expect(new Set(images)).toEqual(new Set([`registry.example/blackstart:${version}`]));
  });
});
