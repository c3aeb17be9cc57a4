/** What an operator does beside a lab: runs drills by the command line, and looks at the cluster by its API. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AppsV1Api,
  BatchV1Api,
  CoordinationV1Api,
  CoreV1Api,
  KubeConfig,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';
import type { ResultsAnswer } from '../../contract/api.ts';
import type { Ran, Running } from '../fakes/program.ts';
import { type KeptLab, operatorEnvironment } from './kept-lab.ts';
import { commandsOf, startAt } from './place.ts';
import { bounded, clock, until } from './waiting.ts';

export type RegionState = {
  readonly replicas: number | undefined;
  readonly ready: number;
  /** Changes with every change of what is wanted and of annotations, and with nothing else. */
  readonly generation: number | undefined;
  /** The undo record of a drill. */
  readonly mark: string | undefined;
  readonly leases: readonly (string | undefined)[];
  /** What belongs to restorers, each by its kind and name. */
  readonly restorers: readonly string[];
};

export type Operator = {
  /** `drill ACTION …` with all that it needs of this world. */
  drill(action: string, ...more: readonly string[]): Running;
  /** The same, to its end. */
  ran(action: string, ...more: readonly string[]): Promise<Ran>;
  region(name: string): Promise<RegionState>;
  /** What Events say that restorers and `recover` have done there. */
  events(region: string): Promise<readonly string[]>;
  /** The processes that have been started for a drill's restorer, the newest last. */
  restorers(drill: string): readonly number[];
  /** Resolves once all are served at home again, and have been for a while. */
  allWell(): Promise<void>;
  endBursts(drill: string): Promise<void>;
  /** The drill that began last, by its folder of evidence. */
  newestDrill(): string;
  /** Its journal; empty before it has one. */
  newestJournal(): string;
  loseEvidence(): void;
};

const commandLimitMs = 90_000;

/** `hold`: of the failed-over state; by default as the world has it, which is short. */
export function operator(lab: KeptLab, drillName: string, hold?: string): Operator {
  const { place, world, tokenFile } = lab;
  const evidence = join(place.dir, 'evidence');
  const environment = operatorEnvironment(world);
  const scenario = scenarioOf(lab, hold);
  const options = (action: string): string[] => [
    ...['--scenario', scenario, '--kubeconfig', world.kubeconfig, '--evidence', evidence],
    ...(action === 'stop' ? [] : ['--aggregator', world.aggregator.url, '--token-file', tokenFile]),
  ];
  const drill: Operator['drill'] = (action, ...more) => {
    const what = action === 'run' ? [drillName] : [];
    return startAt(place, ['drill', action, ...what, ...more, ...options(action)], environment);
  };
  const config = new KubeConfig();
  config.loadFromFile(world.kubeconfig);
  return {
    drill,
    ran: (action, ...more) => bounded(commandLimitMs, `drill ${action}`, drill(action, ...more).ended),
    region: (name) => regionState(config, name),
    events: (name) => eventsIn(config, name),
    restorers: (id) =>
      commandsOf(place)
        .filter(({ argv }) => argv[0] === 'restorer' && argv.includes(id))
        .map(({ pid }) => pid),
    allWell: () => allWell(lab, (name) => regionState(config, name)),
    endBursts: (id) => endBursts(lab, id),
    newestDrill: () => drillsIn(evidence).at(-1) ?? '',
    newestJournal: () => textOf(join(evidence, drillsIn(evidence).at(-1) ?? '', 'journal.jsonl')),
    loseEvidence: () => rmSync(evidence, { recursive: true, force: true }),
  };
}

/** A drill that the world does not have: at the door of the region. */
export const refused = 'refuse-us-east-1';

type Scenario = { readonly overrides: Readonly<Record<string, string>>; readonly drills: readonly object[] };

/** The world's own; whoever kills one runner after the other has to override what users may bear in an hour. */
function scenarioOf({ place, world }: KeptLab, hold: string | undefined): string {
  const scenario = JSON.parse(readFileSync(world.scenario, 'utf8')) as Scenario;
  const overrides = { ...scenario.overrides, 'guard.error-budget': 'runners are killed all day here' };
  const own = scenario.drills.map((drill) => (hold === undefined ? drill : { ...drill, hold }));
  const drills = [...own, { ...own[0], name: refused, fault: { edge: { region: 'us-east-1', how: 'refuse' } } }];
  const file = join(place.dir, `scenario-${hold ?? 'plain'}.json`);
  writeFileSync(file, JSON.stringify({ ...scenario, overrides, drills }));
  return file;
}

/** Their names end in when they began. A program that begins makes the folder, to see whether it can, and removes it again. */
function drillsIn(evidence: string): readonly string[] {
  try {
    return readdirSync(evidence).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function regionState(config: KubeConfig, context: string): Promise<RegionState> {
  config.setCurrentContext(context);
  const apps = config.makeApiClient(AppsV1Api);
  const coordination = config.makeApiClient(CoordinationV1Api);
  const deployment = await apps.readNamespacedDeployment({ name: 'agent-api', namespace: 'default' });
  const leases = await coordination.listNamespacedLease({ namespace: 'default' });
  return {
    replicas: deployment.spec?.replicas,
    ready: deployment.status?.readyReplicas ?? 0,
    generation: deployment.metadata?.generation,
    mark: deployment.metadata?.annotations?.['blackstart.dev/drill'],
    leases: leases.items.map(({ metadata }) => metadata?.name),
    restorers: await restorersIn(config),
  };
}

async function restorersIn(config: KubeConfig): Promise<readonly string[]> {
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  const where = { namespace: 'default', labelSelector: 'app.kubernetes.io/managed-by=blackstart' };
  const lists = {
    job: await config.makeApiClient(BatchV1Api).listNamespacedJob(where),
    account: await config.makeApiClient(CoreV1Api).listNamespacedServiceAccount(where),
    role: await rbac.listNamespacedRole(where),
    binding: await rbac.listNamespacedRoleBinding(where),
  };
  return Object.entries(lists).flatMap(([kind, { items }]) => items.map(({ metadata }) => `${kind} ${metadata?.name}`));
}

async function eventsIn(config: KubeConfig, context: string): Promise<readonly string[]> {
  config.setCurrentContext(context);
  const { items } = await config.makeApiClient(CoreV1Api).listNamespacedEvent({ namespace: 'default' });
  return items.filter(({ reason }) => reason === 'BlackstartRestored').map(({ message }) => message ?? '');
}

/** Longer than a health check and the caches behind it take to follow. */
const settleMs = 60_000;
const quietMs = 3_000;
/** Of each vantage to the standby name, which has to be at home again; attempts that hang are none. */
const wantedAnswers = 5;

async function allWell({ world }: KeptLab, region: (name: string) => Promise<RegionState>): Promise<void> {
  await until(settleMs, 'everybody to be served at home again', async () => {
    const { replicas, ready } = await region('us-east-1');
    if (replicas !== ready) return undefined;
    const { url } = world.aggregator;
    const response = await fetch(`${url}/api/v1/results?since=${clock.nowMs() - quietMs}&limit=10000`);
    const { results } = (await response.json()) as ResultsAnswer;
    const asked = results.filter(({ check, burst }) => burst === null && ['entry', 'standby', 'home'].includes(check));
    const answers = Map.groupBy(
      asked.filter(({ check, servedBy }) => check === 'standby' && servedBy === 'us-east-1'),
      ({ vantage }) => vantage,
    );
    const isHome = Object.keys(world.regions).every((name) => (answers.get(name)?.length ?? 0) >= wantedAnswers);
    return isHome && asked.every(({ outcome }) => outcome !== 'bad') ? true : undefined;
  });
}

/** A dead runner's bursts would go on for up to a minute: a few of them together are too much for a small machine. */
async function endBursts({ world }: KeptLab, drill: string): Promise<void> {
  for (const id of [drill, `${drill}.residency`]) {
    const response = await fetch(`${world.aggregator.url}/api/v1/bursts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.aggregator.writeToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id, checks: [], everyMs: 100, untilMs: clock.nowMs() - 1_000, pooled: false }),
    });
    if (!response.ok) throw new Error(await response.text());
  }
}
