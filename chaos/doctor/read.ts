/** Reads what a doctor judges: the zone, its health checks, the clusters. Nothing is written anywhere. */
import { isIP } from 'node:net';
import type { Clock } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import type { KubernetesPlan, Scenario, Workload } from '../../scenarios/scenario.ts';
import { canonicalName, isWithin } from '../../zone/names.ts';
import type { CheckerReport, HealthCheck, Zone } from '../../zone/records.ts';
import type { Cluster, WhoAmI } from '../cluster.ts';
import { distinctRights, isToldOfMending, rightsNeeded } from '../guard/read.ts';
import { type Finding as OwnerFinding, preflight, suspensionsFor } from '../preflight.ts';
import { sentenceOf, Trouble } from '../trouble.ts';
import type { ZoneReader } from '../zone-reader.ts';
import type { ClusterFacts, WorkloadFacts } from './clusters/facts.ts';
import { readingRights } from './clusters/rights.ts';
import { hostOf, surroundingsOf, type ZoneFacts } from './zone/facts.ts';
import { isEndpointCheck } from './zone/sight.ts';

/** `facts` `null`: nothing of it could be seen, and `unseen` says why. */
export type Seen<F> = { readonly facts: F | null; readonly unseen: readonly string[] };

/** Addresses of a host that is not in the zone. Rejects where there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Ten thousand records are a hundred pages, at five requests a second, while others use up the account's requests. */
const zoneLimitMs = 180_000;
const clusterLimitMs = 30_000;
/** At five requests a second their status is read in eight seconds. */
const mostStatuses = 40;
/** After so many questions without an answer no more are asked. */
const mostFailures = 3;

export async function readZoneFacts(
  scenario: Scenario,
  reader: ZoneReader,
  { clock, resolve, signal }: { readonly clock: Clock; readonly resolve: Resolve; readonly signal: AbortSignal },
): Promise<Seen<ZoneFacts>> {
  const zone = await tried(clock, zoneLimitMs, signal, (limited) => reader.zone(limited));
  if ('failed' in zone) return { facts: null, unseen: [`the zone: ${zone.failed}`] };
  const checks = await tried(clock, zoneLimitMs, signal, (limited) => reader.healthChecks(limited));
  const unread =
    'failed' in checks ? [`the health checks, each of which is taken to see what it guards: ${checks.failed}`] : [];
  const healthChecks = 'failed' in checks ? unknownChecks(zone.found) : checks.found;
  const resolved = await resolvedHosts(scenario, zone.found, resolve);
  const facts = { scenario, zone: zone.found, healthChecks, checksRead: unread.length === 0, status: {}, resolved };
  if (unread.length > 0) return { facts, unseen: unread };
  const statuses = await readStatuses(facts, reader, clock, signal);
  return { facts: { ...facts, status: statuses.status }, unseen: statuses.unseen };
}

type Tried<T> = { readonly found: T } | { readonly failed: string };

async function tried<T>(
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<Tried<T>> {
  try {
    return { found: await within(clock, limitMs, signal, work) };
  } catch (error) {
    signal.throwIfAborted();
    return { failed: sentenceOf(error) };
  }
}

/** They are named, so they are there; more is not known. */
function unknownChecks({ records }: Zone): readonly HealthCheck[] {
  const ids = new Set(records.flatMap(({ healthCheckId }) => healthCheckId ?? []));
  return [...ids].map((id) => ({
    id,
    version: 0,
    type: 'CLOUDWATCH_METRIC',
    ipAddress: null,
    port: null,
    hostname: null,
    path: null,
    searchString: null,
    requestIntervalSeconds: 30,
    failureThreshold: 3,
    inverted: false,
    disabled: false,
    healthThreshold: 0,
    childHealthChecks: [],
  }));
}

async function resolvedHosts(
  { regions }: Scenario,
  zone: Zone,
  resolve: Resolve,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const hosts = Object.values(regions)
    .map(({ endpoint }) => hostOf(endpoint))
    .filter((host) => isIP(host) === 0 && !isWithin(canonicalName(host), zone.name));
  const asked = [...new Set(hosts)].map(async (host) => {
    const addresses = await resolve(host).catch(() => null);
    return addresses === null ? [] : [[host, addresses] as const];
  });
  return Object.fromEntries((await Promise.all(asked)).flat());
}

type Statuses = Pick<ZoneFacts, 'status'> & { readonly unseen: readonly string[] };

/** Of the checks that the entries' records name, one after the other. */
async function readStatuses(
  facts: ZoneFacts,
  reader: ZoneReader,
  clock: Clock,
  signal: AbortSignal,
): Promise<Statuses> {
  const { entries } = surroundingsOf(facts);
  const named = new Set(
    entries.flatMap(({ zone }) => zone.records.flatMap(({ healthCheckId }) => healthCheckId ?? [])),
  );
  const own = facts.healthChecks.filter(({ id }) => named.has(id));
  const children = new Set(own.flatMap(({ childHealthChecks }) => childHealthChecks));
  const wanted = facts.healthChecks.filter(
    (check) => isEndpointCheck(check) && (named.has(check.id) || children.has(check.id)),
  );
  const status: Record<string, readonly CheckerReport[]> = {};
  const failures: string[] = [];
  for (const { id } of wanted.slice(0, mostStatuses)) {
    if (failures.length >= mostFailures) break;
    const seen = await tried(clock, clusterLimitMs, signal, (limited) => reader.status(id, limited));
    if ('failed' in seen) failures.push(seen.failed);
    else status[id] = seen.found;
  }
  const left = wanted.length - Object.keys(status).length;
  const because = failures[0] === undefined ? `more than ${mostStatuses} are not asked` : failures[0];
  return {
    status,
    unseen: left === 0 ? [] : [`what the checkers of ${left} of ${wanted.length} health checks say now: ${because}`],
  };
}

type DoctorCluster = Cluster & WhoAmI;

export type ClusterSource = {
  readonly scenario: Scenario;
  open(plan: KubernetesPlan): Promise<DoctorCluster>;
};

export async function readClusterFacts(
  region: string,
  plan: KubernetesPlan,
  { scenario, open }: ClusterSource,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Seen<ClusterFacts>> {
  const opened = await tried(clock, clusterLimitMs, signal, () => open(plan));
  if ('failed' in opened) return { facts: null, unseen: [`the cluster of ${region}: ${opened.failed}`] };
  const cluster = opened.found;
  try {
    const read = await tried(clock, clusterLimitMs, signal, (limited) =>
      factsOf(region, plan, { scenario, cluster, signal: limited }),
    );
    return 'failed' in read ? { facts: null, unseen: [`the cluster of ${region}: ${read.failed}`] } : read.found;
  } finally {
    cluster.close();
  }
}

type Reading = { readonly scenario: Scenario; readonly cluster: DoctorCluster; readonly signal: AbortSignal };

async function factsOf(
  region: string,
  plan: KubernetesPlan,
  { scenario, cluster, signal }: Reading,
): Promise<Seen<ClusterFacts>> {
  const drills = scenario.drills.filter(({ fault }) => fault.region === region);
  const unseen: string[] = [];
  const workloads: WorkloadFacts[] = [];
  for (const workload of plan.workloads) {
    const found = await workloadFacts(workload, cluster, signal);
    if ('failed' in found) unseen.push(`${region}: ${found.failed}`);
    else workloads.push(found);
  }
  const there = workloads.filter(({ body }) => body !== null).map(({ workload }) => workload);
  const owners = await preflight(cluster, there, signal).catch((error: unknown): readonly OwnerFinding[] => {
    if (!(error instanceof Trouble) || error.kind === 'unreachable') throw error;
    unseen.push(`${region}: who else owns replicas: ${sentenceOf(error)}`);
    return [];
  });
  const suspend = [...new Set(drills.flatMap((drill) => drill.suspend))];
  const rights = distinctRights([
    ...readingRights,
    ...rightsNeeded(plan, suspensionsFor(owners, suspend), isToldOfMending(scenario)),
  ]);
  const asked = await Promise.all(
    rights.map(async (right) => ({ right, allowed: (await cluster.mayI(right, signal)).allowed })),
  );
  const user = await cluster.whoAmI(signal);
  const share = scenario.regions[region]?.share ?? 0;
  return { facts: { region, plan, share, drills, workloads, owners, rights: asked, user }, unseen };
}

/** That there is none is a fact; that we may not look is told. */
async function workloadFacts(
  workload: Workload,
  cluster: DoctorCluster,
  signal: AbortSignal,
): Promise<WorkloadFacts | { readonly failed: string }> {
  try {
    const [{ body }, { replicas }] = await Promise.all([
      cluster.whole(workload, signal),
      cluster.workload(workload, signal),
    ]);
    return { workload, body, replicas };
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (error.kind === 'missing') return { workload, body: null, replicas: 0 };
    if (error.kind === 'forbidden') return { failed: sentenceOf(error) };
    throw error;
  }
}
