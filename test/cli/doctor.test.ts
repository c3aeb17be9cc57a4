/** `blackstart doctor` as its user runs it: the lab's Route 53 through the AWS SDK, and an API server of the lab. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { DoctorReport } from '../../chaos/doctor/doctor.ts';
import { kubeconfig } from '../../lab/kubernetes.ts';
import type { Zone } from '../../zone/records.ts';
import { command } from '../fakes/command-line.ts';
import { type LabCluster, labCluster } from '../lab-kubernetes/lab-cluster.ts';
import { checkFor, startApi } from '../lab-route53/lab.ts';
import { agentZone } from '../zone/records.ts';
import { workshop } from './workshop.ts';

const shop = workshop();
let cluster: LabCluster;
let zone: Awaited<ReturnType<typeof startApi>>;

beforeAll(async () => {
  cluster = await labCluster();
});
afterAll(() => cluster.cluster.close());
afterEach(async () => {
  vi.unstubAllEnvs();
  cluster.cluster.resume();
  await zone.close();
});

/** The zone of the lab's world, and what of it is served where. */
async function serve(given: Zone): Promise<void> {
  const own = (address: string) => ({ ...checkFor(address), ipAddress: address, hostname: null });
  zone = await startApi({ zone: given, healthChecks: ['127.1.0.1', '127.2.0.1', '127.3.0.1'].map(own) });
  vi.stubEnv('AWS_ENDPOINT_URL_ROUTE_53', zone.api.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'lab');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'lab');
}

const kubernetes = { context: 'us-east-1', namespace: 'default', workloads: ['deployment/agent-api'] };
const region = (jurisdiction: string, share: number, address: string, place: string) => ({
  jurisdiction,
  share,
  endpoint: `https://${address}:40443`,
  place,
});

function scenario(id: string): string {
  return shop.file(
    'doctor.json',
    JSON.stringify({
      service: 'agent-api',
      entry: { api: 'https://api.agent.test:40443' },
      zone: { provider: 'route53', id, names: ['api.agent.test'], nameservers: ['127.0.0.1:53'] },
      regions: {
        us: { ...region('US', 60, '127.1.0.1', 'toronto'), kubernetes },
        eu: region('EU', 30, '127.2.0.1', 'frankfurt'),
        ap: region('AP', 10, '127.3.0.1', 'mumbai'),
      },
      residency: [{ countries: ['EU', 'GB'], servedIn: ['EU'], storedIn: ['EU'] }],
      checks: [{ name: 'home', kind: 'http', to: 'regions', path: '/', every: '10s' }],
      drills: [
        {
          name: 'lose-us',
          fault: { 'scale-to-zero': 'us' },
          expect: [{ entry: 'api', servedBy: ['eu'], within: '2m', residency: 'holds' }],
        },
      ],
      allow: { contexts: ['us-east-1'], workloads: ['deployment/agent-api'] },
    }),
  );
}

async function doctor(token: string, more: readonly string[] = [], id: string = agentZone.id) {
  const config = shop.file(`kubeconfig-${token}`, kubeconfig([cluster.cluster], cluster.ca, token));
  return command(['doctor', `--scenario=${scenario(id)}`, `--kubeconfig=${config}`, ...more]);
}

async function reported(token: string): Promise<{ readonly code: number; readonly report: DoctorReport }> {
  const said = await doctor(token, ['--json']);
  expect(said.stderr).toBe('');
  return { code: said.code, report: JSON.parse(said.stdout) as DoctorReport };
}

test("the lab's own world breaks no promise: advice alone, exit 0, and nothing was written", async () => {
  await serve(agentZone);
  const { code, report } = await reported('admin-token');
  expect(report.findings.filter(({ level }) => level === 'problem')).toEqual([]);
  expect(report.findings.map(({ rule }) => rule)).toContain('zone.no-aaaa');
  expect(report.seen).toEqual([
    expect.stringMatching(/^zone Z1 \(agent\.test\.\), \d+ records, with each of 3 regions dark$/),
    'cluster us-east-1/default of us',
  ]);
  expect(report.roles).toEqual({});
  expect(code).toBe(0);
  const written = cluster.cluster
    .requests()
    .filter(({ method, path }) => method !== 'GET' && !path.includes('selfsubject'));
  expect(written).toEqual([]);
});

test('a check taken off a record is told with who would get what, and exit 1', async () => {
  const records = agentZone.records.map((record) =>
    record.name === 'us.agent.test.' && record.setIdentifier === '127.1.0.1'
      ? { ...record, healthCheckId: '127.2.0.1' }
      : record,
  );
  await serve({ ...agentZone, records });
  const said = await doctor('admin-token');
  expect(said.stdout).toMatch(
    /^! .*with us dark, 60 % of your users \(users of us \(toronto\)\) get us, which serves nobody, for api\.agent\.test\. \(\S+\)\n {4}→ /m,
  );
  expect(said.code).toBe(1);
});

test('who may only scale is told so, with the least Role that is missing', async () => {
  await serve(agentZone);
  const said = await doctor('limited-token');
  expect(said.stdout).toMatch(/! limited lacks \d+ of \d+ rights that a drill of us needs: .*\(cluster\.rights\)/);
  expect(said.stdout).toContain('# what a drill lacks in us-east-1/default');
  expect(said.stdout).toContain('resources: [deployments], resourceNames: [agent-api], verbs: [get, patch] }');
  expect(said.stdout).toContain('- { kind: User, apiGroup: rbac.authorization.k8s.io, name: limited }');
  // It may scale already.
  expect(said.stdout).not.toContain('deployments/scale');
  expect(said.stdout).toMatch(/^not seen: us: .*not permitted \(403/m);
  expect(said.code).toBe(1);
});

test('where nothing can be seen the exit is 3, and each reason stands there', async () => {
  await serve(agentZone);
  cluster.cluster.refuse(503);
  const said = await doctor('admin-token', [], 'Z0000000');
  expect(said.stdout).toMatch(/^not seen: the zone: Route 53, zone Z0000000: the zone: /m);
  expect(said.stdout).toMatch(/^not seen: the cluster of us: .*answered 503/m);
  expect(said.stdout).toMatch(/^inconclusive: nothing could be seen\n$/m);
  expect(said.code).toBe(3);
});
