import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../contract/clock.ts';
import { hashOf, type Random } from '../contract/random.ts';
import type { KubernetesPlan, Scenario } from '../scenarios/scenario.ts';
import type { Account } from './account.ts';
import type { Fleet } from './aggregator-client.ts';
import type { CanaryAccess } from './canaries/ask.ts';
import type { Cluster } from './cluster.ts';
import { files } from './evidence.ts';
import { lastWordMs, lastWordOfTroubleMs } from './notify/last-word.ts';
import type { Notifier } from './notify/notifier.ts';
import { tellMended } from './notify/recover.ts';
import { areErased, leftCanaries, type RecoveredCanaries, recoverCanaries } from './recover/canaries.ts';
import { type OpenJournal, openDrillsIn, openJournals } from './recover/find.ts';
import { type MendDeps, type Mended, mend } from './recover/mend.ts';
import { burstIdsOf, slowestBurstMs } from './runner/bursts.ts';
import { switchboardsOf } from './runner/switchboards.ts';
import type { OpenSwitchboard } from './runner/types.ts';
import { sentenceOf } from './trouble.ts';

export type RecoverOptions = {
  readonly scenario: Scenario;
  /** Where journals may be; `null`: the clusters alone tell. */
  readonly evidenceDir: string | null;
};

export type RecoverDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly openCluster: (plan: KubernetesPlan) => Promise<Cluster>;
  /** The cloud account, for faults there; absent: none is reached. */
  readonly account?: Account;
  readonly openSwitchboard: OpenSwitchboard;
  /** To tell the aggregator that a drill is over; `null`: nobody is told. */
  readonly fleet: Fleet | null;
  readonly interrupt: AbortSignal;
  readonly message: (text: string) => void;
  /** What numbered writes are erased through; as in a runner. */
  readonly canaries?: CanaryAccess;
  /** Whom people want to be told by; absent: nobody is told. */
  readonly notify?: Notifier;
};

export type Recovered = {
  readonly drills: readonly Mended[];
  /** Of drills that left numbered writes in the regions' stores. */
  readonly canaries: readonly RecoveredCanaries[];
  /** Clusters that could not be asked, a sentence each. */
  readonly unread: readonly string[];
  /** Of several the first in 5, 3, 4, 0. */
  readonly exit: 0 | 3 | 4 | 5;
};

/**
 * Finds what drills left open in the clusters of a scenario, and mends it: from the journal, and from the cluster alone
 * when the journal is gone. Idempotent. Leaves a drill that a live runner holds.
 */
export async function recover(options: RecoverOptions, deps: RecoverDeps): Promise<Recovered> {
  const journals = await openJournals(options.evidenceDir);
  const holder = `recover-${hashOf(`${deps.random()}${deps.random()}`).toString(16)}`;
  const switchboard = switchboardsOf(options.scenario, deps.openSwitchboard);
  const unread: string[] = [];
  const drills: Mended[] = [];
  for (const plan of distinctClusters(options.scenario)) {
    try {
      drills.push(...(await recoverIn(plan, journals, options.scenario, { ...deps, holder, switchboard })));
    } catch (error) {
      deps.interrupt.throwIfAborted();
      unread.push(`${plan.context}/${plan.namespace}: ${sentenceOf(error)}`);
    }
  }
  await closeJournals(options.evidenceDir, journals, drills);
  if (deps.fleet !== null) await tellFleet(deps.fleet, drills, deps);
  const canaries = await recoverCanaries(await leftCanaries(options.evidenceDir), whyLeave(drills, unread), {
    access: deps.canaries,
    clock: deps.clock,
  });
  const isTrouble = drills.some(({ kind }) => kind === 'not-restored');
  await deps.notify?.settled(isTrouble ? lastWordOfTroubleMs : lastWordMs);
  return { drills, canaries, unread, exit: exitOf(drills, canaries, unread) };
}

/** Why a drill's canaries are not to be touched; `null`: its runner is gone. */
function whyLeave(drills: readonly Mended[], unread: readonly string[]): (drill: string) => string | null {
  return (drill) => {
    const found = drills.find((mended) => mended.drill === drill);
    if (found?.kind === 'held') return `canaries are left to ${found.holder}, which is alive`;
    if (found !== undefined || unread.length === 0) return null;
    return `canaries are left: a cluster could not be asked whether its runner is alive (${unread.join('; ')})`;
  };
}

/** Where drills of a scenario can have left something. */
export function distinctClusters(scenario: Scenario): readonly KubernetesPlan[] {
  const plans = Object.values(scenario.regions).flatMap(({ kubernetes }) => (kubernetes === null ? [] : [kubernetes]));
  const byPlace = Map.groupBy(plans, ({ context, namespace }) => `${context}/${namespace}`);
  // Regions that share a namespace may have kinds of workloads of their own.
  return [...byPlace.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [{ ...first, workloads: [...first.workloads, ...more.flatMap(({ workloads }) => workloads)] }],
  );
}

async function recoverIn(
  plan: KubernetesPlan,
  journals: readonly OpenJournal[],
  scenario: Scenario,
  deps: RecoverDeps & Pick<MendDeps, 'holder' | 'switchboard'>,
): Promise<readonly Mended[]> {
  const cluster = await deps.openCluster(plan);
  try {
    const open = await openDrillsIn(cluster, journals, deps.interrupt);
    const mended: Mended[] = [];
    for (const drill of open) {
      const outcome = await mend(drill, deps, deps.interrupt);
      mended.push(outcome);
      if (deps.notify !== undefined) tellMended(drill, outcome, scenario, { notify: deps.notify, clock: deps.clock });
    }
    return mended;
  } finally {
    cluster.close();
  }
}

/** A journal that is dealt with says so, and is not looked at again. */
async function closeJournals(
  evidenceDir: string | null,
  journals: readonly OpenJournal[],
  drills: readonly Mended[],
): Promise<void> {
  if (evidenceDir === null) return;
  for (const { drill } of journals) {
    const outcome = drills.find((mended) => mended.drill === drill);
    if (outcome?.kind !== 'mended') continue;
    const entry = { seq: 0, type: 'recovered', text: outcome.changed ? 'replicas put back' : 'nothing to put back' };
    await appendFile(join(evidenceDir, drill, files.journal), `\n${JSON.stringify(entry)}\n`).catch(() => undefined);
  }
}

/** A runner that died left its drill running, as far as the aggregator knows; one that could not restore, not restored. */
async function tellFleet(fleet: Fleet, drills: readonly Mended[], deps: RecoverDeps): Promise<void> {
  const { clock, interrupt, message } = deps;
  const mended = new Map(drills.flatMap((one) => (one.kind === 'mended' ? [[one.drill, one] as const] : [])));
  if (mended.size === 0) return;
  try {
    const offset = await fleet.offset(interrupt);
    const endedMs = clock.nowMs() + (offset.lowerMs + offset.upperMs) / 2;
    for (const drill of (await fleet.drills(interrupt)).drills) {
      const found = mended.get(drill.id);
      if (found === undefined) continue;
      if (drill.status === 'over') {
        if (!drill.restored || drill.left.length > 0) {
          await fleet.announce({ ...drill, restored: true, left: [] }, null, interrupt);
        }
        continue;
      }
      // A runner that dies at the very injection takes the moment with it: all that is left is from when to when.
      const known = drill.t0 !== null || !found.touched;
      const t0 = known ? drill.t0 : { lowerMs: drill.startedMs, upperMs: endedMs };
      // What was away until now was the drill's; what its restorer had put back was not, since then.
      const at = found.changed ? { endedMs, mendedMs: endedMs } : { endedMs };
      await fleet.announce({ ...drill, ...recoveredEnd, t0, ...at }, null, interrupt);
      await endBursts(fleet, drill.id, interrupt);
    }
  } catch (error) {
    message(`the aggregator could not be told: ${sentenceOf(error)}`);
  }
}

const recoveredEnd = {
  status: 'over',
  phase: 'over',
  restored: true,
  left: [],
  verdict: { status: 'inconclusive', because: 'the runner died; "drill recover" put everything back' },
} as const;

/** Those of a dead runner would go on for a minute. One without checks, and over since long ago, ends what has its name. */
async function endBursts(fleet: Fleet, drill: string, signal: AbortSignal): Promise<void> {
  for (const id of burstIdsOf(drill)) {
    await fleet.burst({ id, checks: [], everyMs: slowestBurstMs, untilMs: 0, pooled: false }, signal);
  }
}

function exitOf(
  drills: readonly Mended[],
  canaries: readonly RecoveredCanaries[],
  unread: readonly string[],
): Recovered['exit'] {
  if (drills.some(({ kind }) => kind === 'not-restored')) return 5;
  // Everything is back: what is left is a Lease, or a restorer's objects, that the cluster did not let go of.
  if (unread.length > 0 || drills.some((drill) => drill.kind === 'mended' && drill.left.length > 0)) return 3;
  if (drills.some(({ kind }) => kind === 'held')) return 4;
  return areErased(canaries) ? 0 : 3;
}
