/** A whole drill in simulated time, in which something dies: what docs/drills/when-it-dies.md is held to. */
import { deadlineMsOf } from '../../../chaos/guard/deadline.ts';
import { type Recovered, recover } from '../../../chaos/recover.ts';
import { type Outcome, type RunnerDeps, runDrill } from '../../../chaos/run.ts';
import { exitOfTrouble, Trouble } from '../../../chaos/trouble.ts';
import { seededRandom } from '../../../contract/random.ts';
import type { DrillPlan } from '../../../scenarios/scenario.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../../fakes/drill-world.ts';
import { type RestorerPods, restorerPods } from '../../fakes/restorer-pod.ts';
import { missing } from '../../fakes/switchboards.ts';
import { type CuttableFleet, cuttable } from './fleet.ts';

export type Scene = {
  readonly world: DrillWorld;
  readonly pods: RestorerPods;
  readonly fleet: CuttableFleet;
  /** From now on no entry reaches the journal. */
  fillDisk(): void;
  /** What is measured is measured from here: something is there again. */
  isBack(): void;
  /** Starts one, and waits for nothing. */
  recover(by: string): Promise<Recovered>;
};

export type Death = {
  /** The phase, the entry of the journal, or `start`: before anything is asked. */
  readonly at: string;
  readonly drill?: Partial<DrillPlan>;
  /** The runner is dead from then on, and has no exit code. */
  readonly ofRunner?: true;
  /** For how long it is looked on once the runner is dead, or over. */
  readonly lookOnMs?: number;
  /** With which `lease` it is made to happen, where not with both. */
  readonly leaseMs?: number;
  readonly deps?: (deps: RunnerDeps) => RunnerDeps;
  die(scene: Scene): void;
};

/** What came of it. */
export type Lived = {
  /** Of `drill run`; `null`: it was killed. */
  readonly exit: number | null;
  readonly wasGone: boolean;
  /** Since the death, or since something was there again; `null`: they are not back. */
  readonly backAfterMs: number | null;
  readonly deadlineMs: number;
  /** Everything that anybody said or wrote. */
  readonly said: string;
  left(): readonly string[];
  replicas(): number | null;
  recover(): Promise<Recovered>;
};

const usualLookMs = 30_000;
const longestMs = 900_000;
const stepMs = 10;

export async function lives(death: Death, leaseMs: number): Promise<Lived> {
  const world = await drillWorld({ drill: { holdMs: 30_000, leaseMs, ...death.drill } });
  const { clock, cluster } = world;
  const pods = restorerPods(cluster, clock);
  const fleet = cuttable(world.fleet, clock);
  const disk = fillable(world.deps);
  const times = timesOf(world);
  const scene: Scene = { world, pods, fleet, ...disk, ...times, recover: (by) => recovering(world, by) };
  const dieOnce = (place: string): void => {
    if (times.hasBegun() || place !== death.at) return;
    times.isBack();
    death.die(scene);
  };
  world.onJournal = dieOnce;
  dieOnce('start');
  const ended = endOf((death.deps ?? ((same) => same))({ ...world.deps, fleet, keep: disk.keep }), world);
  let lookOnMs = death.lookOnMs ?? (death.ofRunner ? usualLookMs : 0);
  for (let passedMs = 0; lookOnMs > 0 || (ended.outcome === null && !death.ofRunner); passedMs += stepMs) {
    if (passedMs > longestMs) throw new Error('the drill does not end');
    await pass(clock, stepMs);
    dieOnce(phaseOf(world));
    times.look();
    if (times.hasBegun() && (death.ofRunner || ended.outcome !== null)) lookOnMs -= stepMs;
  }
  if (!times.hasBegun()) throw new Error(`${death.at} was never reached`);
  return {
    exit: ended.outcome === null ? null : exitOf(ended.outcome),
    wasGone: cluster.calls.some(({ name }) => name === 'scale 0'),
    backAfterMs: times.backAfterMs(),
    deadlineMs: deadlineMsOf(world.options.drill),
    said: saidIn(world, pods, ended.outcome),
    left: () => leftIn(world),
    replicas: () => replicasIn(world),
    recover: () => inSimulatedTime(clock, recovering(world, 'recover')),
  };
}

/** Since when it is measured, and until when. */
function timesOf(world: DrillWorld) {
  const { clock } = world;
  let fromMs: number | null = null;
  let backMs: number | null = null;
  return {
    hasBegun: () => fromMs !== null,
    isBack(): void {
      fromMs = clock.nowMs();
    },
    /** What is gone again was not back. */
    look(): void {
      if (fromMs === null || replicasIn(world) !== 10) backMs = null;
      else backMs ??= clock.nowMs();
    },
    backAfterMs: () => (fromMs === null || backMs === null ? null : Math.max(0, backMs - fromMs)),
  };
}

function endOf(deps: RunnerDeps, { options }: DrillWorld): { outcome: Outcome | Error | null } {
  const ended: { outcome: Outcome | Error | null } = { outcome: null };
  runDrill(options, deps).then(
    (outcome) => Object.assign(ended, { outcome }),
    (error: unknown) => Object.assign(ended, { outcome: error }),
  );
  return ended;
}

function phaseOf({ progress }: DrillWorld): string {
  return progress.flatMap((event) => (event.kind === 'phase' ? [event.phase] : [])).at(-1) ?? '';
}

function replicasIn({ cluster }: DrillWorld): number | null {
  return cluster.version(deployment) === undefined ? null : cluster.replicas(deployment);
}

function exitOf(outcome: Outcome | Error): number {
  if (!(outcome instanceof Error)) return outcome.exit;
  if (outcome instanceof Trouble) return exitOfTrouble(outcome);
  throw outcome;
}

function saidIn({ progress, cluster }: DrillWorld, pods: RestorerPods, outcome: Outcome | Error | null): string {
  const told = outcome instanceof Error ? [outcome.message] : outcome === null ? [] : saidBy(outcome);
  const messages = progress.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
  const calls = cluster.calls.map(({ by, name }) => `${by}: ${name}`);
  return [...told, ...messages, ...pods.said, ...cluster.events, ...calls].join('\n');
}

function saidBy({ report }: Outcome): readonly string[] {
  return [report.verdict.because, report.stopped ?? '', ...report.left, ...report.findings];
}

function leftIn(world: DrillWorld): readonly string[] {
  const { cluster } = world;
  const mark = replicasIn(world) === null ? null : cluster.mark(deployment);
  return [...cluster.leases.keys(), ...cluster.kubelet.objects, ...(mark === null ? [] : [`mark ${mark.state}`])];
}

function recovering(world: DrillWorld, by: string): Promise<Recovered> {
  const { clock, cluster, other, options } = world;
  const deps = {
    clock,
    random: seededRandom(by.length),
    openSwitchboard: missing,
    openCluster: async ({ context }: { readonly context: string }) =>
      (context === 'us-east-1' ? cluster : other).as(by),
    fleet: null,
    interrupt: new AbortController().signal,
    message: () => undefined,
  };
  return recover({ scenario: options.scenario, evidenceDir: null }, deps);
}

const noSpace = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

function fillable({ keep }: RunnerDeps) {
  if (keep === undefined) throw new Error('no keep');
  let isFull = false;
  const openJournal: typeof keep.openJournal = async (path, clock) => {
    const journal = await keep.openJournal(path, clock);
    return { ...journal, append: (entry) => (isFull ? Promise.reject(noSpace) : journal.append(entry)) };
  };
  const openEvidence: typeof keep.openEvidence = async (root, drill) => {
    const evidence = await keep.openEvidence(root, drill);
    const results: typeof evidence.results = (lines) => (isFull ? Promise.reject(noSpace) : evidence.results(lines));
    return { ...evidence, results };
  };
  return {
    keep: { ...keep, openEvidence, openJournal },
    fillDisk(): void {
      isFull = true;
    },
  };
}
