/** One drill, from the first question to the last file of evidence. */

import type { ResultStream } from './aggregator-client.ts';
import { describeRefusal } from './guard.ts';
import type { RunningLoad } from './load.ts';
import type { NoticeOf } from './notify/notice.ts';
import { noticed } from './notify/runner.ts';
import { changesSince, type SavedPlan } from './plan.ts';
import { describeFindings } from './preflight.ts';
import { startAnnouncer } from './runner/announcer.ts';
import { type BurstKeeper, burstEveryMs, keepBursts } from './runner/bursts.ts';
import { keepCanaries } from './runner/canaries.ts';
import { conclude, concludeEarly, sweep } from './runner/finish.ts';
import { endLoad } from './runner/load.ts';
import { openRecord } from './runner/open-record.ts';
import { drive } from './runner/phases.ts';
import { closeClusters, faultName, type Prepared, prepare } from './runner/prepare.ts';
import { startReadings } from './runner/readings.ts';
import { type RecorderStart, recorder } from './runner/recorder.ts';
import { type Refused, refusedOutcome } from './runner/refused.ts';
import { faultOf, type Run } from './runner/run.ts';
import type { DrillOptions, Outcome, RunnerDeps } from './runner/types.ts';
import { startWatcher } from './runner/watcher.ts';
import { exitOfTrouble, sentenceOf, Trouble } from './trouble.ts';

export type { DrillOptions, Outcome, Progress, RunnerDeps } from './runner/types.ts';

export type RunOptions = DrillOptions & {
  /** From `drill plan --out`: the run is refused when the world has moved since. */
  readonly saved: SavedPlan | null;
};

/**
 * Runs a drill to its end. Rejects with a `Trouble` (or the interrupt's reason) only while nothing has begun; after that
 * everything that goes wrong leads through restoring into the report.
 */
export async function runDrill(options: RunOptions, deps: RunnerDeps): Promise<Outcome> {
  const prepared = await prepare(options, deps, deps.interrupt);
  try {
    const { prediction } = prepared;
    const start = startOf(options, prepared);
    const refused = await refusalOf(options, deps, prepared);
    if (refused !== null) return await refusedOutcome(options, prepared, { start, refused }, deps);
    tellOwners(prepared, deps);
    deps.progress({ kind: 'prediction', text: prediction.text });
    const of = noticeOf(options, prepared, start);
    return await noticed(of, deps, (told) => runPrepared(options, told, prepared, start));
  } finally {
    closeClusters(prepared);
  }
}

/** Who notices of it are of. */
function noticeOf({ drill, scenario }: RunOptions, { id, region }: Prepared, { fault }: RecorderStart): NoticeOf {
  return { drill: id, name: drill.name, scenario: scenario.service, region, fault };
}

/** Who else owns the replicas, and what becomes of it. */
function tellOwners({ guard }: Prepared, { progress }: RunnerDeps): void {
  for (const text of describeFindings(guard.owners, guard.suspend)) progress({ kind: 'message', text });
}

function startOf(options: RunOptions, prepared: Prepared): RecorderStart {
  const { drill, scenario } = options;
  return {
    id: prepared.id,
    name: drill.name,
    scenario: scenario.service,
    fault: faultName(drill.fault),
    region: prepared.region,
    expect: drill.expect,
    burstEveryMs: burstEveryMs(drill.burst.everyMs),
    overrides: prepared.judgement.overridden,
    offset: prepared.offset,
    prediction: prepared.prediction.stages,
    predictedBack: prepared.prediction.back,
  };
}

/** The guard, the saved plan and a rehearsal, in this order. */
async function refusalOf(options: RunOptions, deps: RunnerDeps, prepared: Prepared): Promise<Refused | null> {
  const { refusals } = prepared.judgement;
  const [first] = refusals;
  if (first !== undefined) {
    deps.progress({ kind: 'refused', refusals });
    return { because: refusals.map(describeRefusal).join(' '), refusals, exit: 4 };
  }
  const changes = options.saved === null ? [] : changesSince(options.saved, options, prepared);
  if (changes.length > 0) {
    return { because: `not injecting, the world has moved since the plan: ${changes.join('; ')}`, refusals, exit: 4 };
  }
  try {
    await faultOf({ options, deps, prepared, lease: null }).rehearse(prepared.undo, deps.interrupt);
    return null;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    const exit = exitOfTrouble(error) === 3 ? 3 : 4;
    return { because: `not injecting, the target refuses the rehearsal: ${sentenceOf(error)}`, refusals, exit };
  }
}

async function runPrepared(
  options: RunOptions,
  deps: RunnerDeps,
  prepared: Prepared,
  start: RecorderStart,
): Promise<Outcome> {
  const { evidence, journal } = await openRecord(options, prepared, start, deps);
  const notes = recorder(start, journal, evidence, deps);
  const announcer = startAnnouncer(notes, deps, options.drill.leaseMs);
  let bursts: BurstKeeper | undefined;
  let stream: ResultStream | undefined;
  let load: RunningLoad | null = null;
  const watcher = startWatcher(options, prepared, notes, deps);
  try {
    await announcer.announce();
    bursts = await keepBursts(burstWish(options, prepared), deps, deps.interrupt);
    const { ids } = bursts;
    stream = await deps.fleet.results((result) => {
      if (result.burst === null) watcher.result(result);
      else if (ids.has(result.burst)) notes.result(result);
    }, deps.interrupt);
    const readyBefore = await readyEndpoints(prepared, deps);
    const readings = startReadings(prepared, notes, start.burstEveryMs, deps);
    load = deps.load?.start() ?? null;
    const common = { options, deps, prepared, recorder: notes, journal, evidence, readings, stream, readyBefore };
    const canaries = keepCanaries({ options, prepared, recorder: notes, journal }, deps);
    const run: Run = { ...common, load, watcher, canaries, lease: null, renewal: null, untouchedExit: 3 };
    const driven = await drive(run);
    // While the Lease is held: nobody else erases what is about to be read.
    await Promise.all([endLoad(run), canaries.finish().then(() => sweep(run, driven))]);
    await bursts.end();
    const outcome = await conclude(run, bursts);
    announcer.stop();
    await announcer.announce({ report: outcome.report, html: outcome.html }).catch(() => undefined);
    return outcome;
  } catch (error) {
    // Only before the first phase: from there on everything ends in a report. Nobody shall take it to be running.
    await concludeEarly({ options, deps, recorder: notes, journal, evidence }, error);
    await announcer.announce().catch(() => undefined);
    await stream?.close(AbortSignal.abort()).catch(() => undefined);
    throw error;
  } finally {
    announcer.stop();
    watcher.stop();
    await load?.end();
    await bursts?.end();
  }
}

function burstWish({ scenario, drill }: RunOptions, prepared: Prepared) {
  const { id, region, vantages, nameservers, offset } = prepared;
  const entries = drill.expect.map(({ entry }) => entry);
  return { id, scenario, entries, regions: [region], vantages, nameservers, everyMs: drill.burst.everyMs, offset };
}

/** Of a fault elsewhere none is at stake. */
async function readyEndpoints({ stake }: Prepared, { interrupt }: RunnerDeps): Promise<number> {
  if (stake === null) return 0;
  const { cluster, undo } = stake;
  const counts = await Promise.all(undo.workloads.map((workload) => cluster.readyEndpoints(workload, interrupt)));
  return counts.reduce((sum, count) => sum + count, 0);
}
