import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kubeconfig } from '../../lab/kubernetes.ts';
import { type LabCluster, labCluster } from './lab-cluster.ts';

const run = promisify(execFile);
let lab: LabCluster;
let folder: string;
beforeAll(async () => {
  lab = await labCluster();
  folder = mkdtempSync(join(tmpdir(), 'blackstart-kubectl-'));
  writeFileSync(join(folder, 'admin'), kubeconfig([lab.cluster], lab.ca, 'admin-token'));
  writeFileSync(join(folder, 'limited'), kubeconfig([lab.cluster], lab.ca, 'limited-token'));
});
afterAll(async () => {
  await lab.cluster.close();
  rmSync(folder, { recursive: true });
});

type User = 'admin' | 'limited' | 'restorer';

function argumentsOf(line: string, as: User): readonly string[] {
  return ['--kubeconfig', join(folder, as), '--cache-dir', join(folder, 'cache'), ...line.split(' ')];
}

async function kubectl(line: string, as: User = 'admin'): Promise<string> {
  const { stdout, stderr } = await run('kubectl', [...argumentsOf(line, as)]).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return (stdout + stderr).trim();
}

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const isThere = hasKubectl();

describe.skipIf(!isThere)(isThere ? 'kubectl' : 'kubectl is not on the PATH: what it sees is not tested', () => {
  test('scales to zero and back, and waits for the rollout', async () => {
    expect(await kubectl('scale deployment/agent-api --replicas=0')).toBe('deployment.apps/agent-api scaled');
    expect(await kubectl('wait --for=delete pod -l app=agent-api --timeout=20s')).not.toContain('error');
    expect(await kubectl('get pods')).toBe('No resources found in default namespace.');
    expect(await kubectl('scale deployment/agent-api --replicas=3 --current-replicas=0')).toContain('scaled');
    expect(await kubectl('rollout status deployment/agent-api --timeout=20s')).toContain('successfully rolled out');
    expect(await kubectl('scale deployment/agent-api --replicas=1 --current-replicas=7')).toContain(
      'Expected replicas to be 7, was 3',
    );
    const scaled = lab.cluster
      .requests()
      .map(({ method, path, userAgent }) => `${method} ${path} ${userAgent.split('/')[0]}`);
    expect(scaled).toContain('PATCH /apis/apps/v1/namespaces/default/deployments/agent-api/scale kubectl');
  });

  test('shows Deployments, pods, slices and Leases', async () => {
    const shown = await kubectl('get deploy,pods,endpointslices,leases -o wide');
    expect(shown).toMatch(/deployment\.apps\/agent-api +3\/3 +3 +3 +\d+s +app +lab\/agent-api:1 +app=agent-api/);
    expect(shown).toMatch(/pod\/agent-api-\S+ +1\/1 +Running +0 +\d+s +10\.9\.0\.\d+ +lab-0/);
    expect(shown).toMatch(/endpointslice\.discovery\.k8s\.io\/agent-api-\S+ +IPv4 +8443 +10\.9\.0\./);
    expect(await kubectl('get deploy agent-api -o jsonpath={.spec.replicas}/{.status.readyReplicas}')).toBe('3/3');
    expect(await kubectl('get pods -l app=other -o name')).toBe('');
    expect(await kubectl('get deploy agent-api -o yaml')).toContain('kind: Deployment');
  });

  test('annotates, and takes the annotation away', async () => {
    expect(await kubectl('annotate deploy agent-api blackstart.dev/drill=x')).toBe(
      'deployment.apps/agent-api annotated',
    );
    expect(await kubectl('get deploy agent-api -o jsonpath={.metadata.annotations}')).toContain(
      '"blackstart.dev/drill":"x"',
    );
    expect(await kubectl('annotate deploy agent-api blackstart.dev/drill-')).toBe(
      'deployment.apps/agent-api annotated',
    );
  });

  test('knows what a token may do', async () => {
    expect(await kubectl('auth can-i patch deployments/agent-api --subresource=scale')).toBe('yes');
    expect(await kubectl('auth can-i patch deployments/agent-api --subresource=scale', 'limited')).toBe('yes');
    expect(await kubectl('auth can-i delete pods', 'limited')).toBe('no');
    expect(await kubectl('get pods', 'limited')).toContain(
      'User "limited" cannot list resource "pods" in API group ""',
    );
    expect(await kubectl('auth whoami', 'limited')).toContain('limited');
  });

  test('watches pods go', async () => {
    const watching = spawn('kubectl', [...argumentsOf('get pods -w', 'admin')]);
    let shown = '';
    const terminating = new Promise<void>((resolve) => {
      watching.stdout.on('data', (chunk: Buffer) => {
        if (shown === '') void kubectl('scale deployment/agent-api --replicas=2');
        shown += chunk.toString();
        if (shown.includes('Terminating')) resolve();
      });
    });
    await terminating;
    watching.kill();
    await once(watching, 'exit');
    expect(shown.split('\n')[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE$/);
    await kubectl('scale deployment/agent-api --replicas=3');
    expect(await kubectl('rollout status deployment/agent-api --timeout=20s')).toContain('successfully rolled out');
  });

  test('creates what a drill leaves in a cluster', async () => {
    expect(await kubectl('create serviceaccount restorer')).toBe('serviceaccount/restorer created');
    expect(
      await kubectl('create role restorer --verb=get,patch --resource=deployments.apps --resource-name=agent-api'),
    ).toBe('role.rbac.authorization.k8s.io/restorer created');
    expect(await kubectl('create rolebinding restorer --role=restorer --serviceaccount=default:restorer')).toContain(
      'created',
    );
    expect(await kubectl('create job restorer --image=x')).toBe('job.batch/restorer created');
    const token = await kubectl('create token restorer');
    writeFileSync(join(folder, 'restorer'), kubeconfig([lab.cluster], lab.ca, token));
    expect(await kubectl('auth can-i patch deployments/agent-api', 'restorer')).toBe('yes');
    expect(await kubectl('auth can-i patch deployments/other', 'restorer')).toBe('no');
    expect(await kubectl('delete job,sa,role,rolebinding restorer')).toContain('job.batch "restorer" deleted');
  });
});
