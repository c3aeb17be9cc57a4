/** Owners of replicas on a real API server: the table that the lab's passes too. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { kubernetes } from '../../../chaos/cloud/kubernetes.ts';
import { systemClock } from '../../../contract/clock.ts';
import { kubeconfig } from '../../../lab/kubernetes.ts';
import { reconcilerConformance } from '../../conformance/reconcilers.ts';
import { serversBuilt } from './binaries.ts';
import { type RealCluster, realCluster } from './cluster.ts';
import { makeNamespace } from './objects.ts';

const namespace = 'owners';
const away = 'owners-away';

describe.skipIf(!serversBuilt())('a real Kubernetes API', () => {
  let cluster: RealCluster | undefined;
  let dir = '';
  afterAll(async () => {
    await cluster?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  reconcilerConformance(async () => {
    dir = await mkdtemp(join(tmpdir(), 'blackstart-owners-'));
    const started = await realCluster();
    cluster = started;
    const { admin, url, credentials } = started;
    for (const name of [namespace, away]) await makeNamespace(admin, name);
    const file = join(dir, 'kubeconfig');
    const { adminToken: token, caPem: ca } = credentials;
    await writeFile(file, kubeconfig([{ context: 'real', url }], ca, token));
    const seen = await kubernetes(file, systemClock()).open({ context: 'real', namespace });
    return { cluster: seen, away, connection: { baseUrl: url, token, ca, namespace, deployment: 'owned-0' } };
  });
});
