import { exactly } from '../../contract/bounds.ts';
import { sleep } from '../../contract/clock.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { leaseNameOf, undoKey } from '../cluster.ts';
import type { DrillEvent } from '../drill.ts';
import { announceEveryMs, isRunning } from '../guard/open-drills.ts';
import { healthyRounds } from '../guard/rules.ts';
import { type Stretch, stretchesOf } from '../guard/stretches.ts';
import { progressOf } from '../progress.ts';
import { exitOfTrouble, sentenceOf, Trouble } from '../trouble.ts';
import { predictFrom } from './last-prediction.ts';
import { createLease } from './lease.ts';
import { loadTrouble } from './load.ts';
import { keepRenewed } from './renewal.ts';
import { startRestorer } from './restorer.ts';
import { faultOf, type Run } from './run.ts';
import { stopReason } from './stop-reason.ts';
import { holderOf, sweepCluster } from './sweep.ts';

const baselineLimitMs = 20_000;

/** Waits until the burst shows a fleet that is well, and then puts everything in place that mending will need. */
export async function baseline(run: Run): Promise<DrillEvent> {
  const because = (await waitUntilWell(run)) ?? (await earlierDrill(run));
  if (because !== null) return { type: 'stop', because };
  try {
    await putInPlace(run);
    await run.canaries.begin();
  } catch (error) {
    await withdraw(run);
    if (error instanceof Trouble && exitOfTrouble(error) === 4) run.untouchedExit = 4;
    return { type: 'stop', because: `not injecting: ${sentenceOf(error)}` };
  }
  // Canaries take their time: the fleet has to be well now.
  const changed = run.options.drill.canaries == null ? stopReason(run) : await waitUntilWell(run);
  if (changed === null) {
    predictFrom(run, exactly(run.deps.clock.nowMs()));
    return { type: 'baseline-seen' };
  }
  await withdraw(run);
  return { type: 'stop', because: changed };
}

/** `null` once it is well; otherwise why the drill ends here. */
async function waitUntilWell(run: Run): Promise<string | null> {
  const { clock, interrupt } = run.deps;
  const { burst } = run.options.drill;
  const untilMs = clock.nowMs() + baselineLimitMs + 10 * burst.everyMs;
  let askAtMs = clock.nowMs();
  for (;;) {
    const because = stopReason(run);
    if (because !== null) return because;
    const load = loadTrouble(run);
    if (load !== null) {
      if (load.wrong) run.untouchedExit = 2;
      return load.because;
    }
    // While another drill has its region dark nothing is well here: who is second has to learn that, and early.
    if (clock.nowMs() >= askAtMs) {
      const rival = await earlierDrill(run);
      if (rival !== null) return rival;
      askAtMs = clock.nowMs() + announceEveryMs;
    }
    const facts = run.recorder.facts();
    const isLoaded = run.load?.began() ?? true;
    if (isLoaded && progressOf(facts).baselineServed && unwellEntries(run).length === 0) return null;
    if (clock.nowMs() >= untilMs) break;
    await sleep(clock, Math.max(100, burst.everyMs), interrupt).catch(() => undefined);
  }
  run.untouchedExit = 4;
  const unwell = unwellEntries(run);
  if (unwell.length === 0 && run.load?.began() === false) return 'not injecting: the load has made no request';
  const what = unwell.length > 0 ? unwell.join('; ') : 'no vantage is served';
  return `not injecting, rule 1 (guard.fleet-healthy): in the drill's own burst ${what}`;
}

/** Entry names that were not well in their last stretches, each with what was seen of it. */
function unwellEntries(run: Run): readonly string[] {
  const { results, expect, burstEveryMs } = run.recorder.facts();
  return expect.flatMap(({ entry }) => {
    const asked = results.filter(
      ({ check, client, entry: of }) => check === 'client' && client === 'fresh' && of === entry,
    );
    const last = stretchesOf(asked, burstEveryMs).slice(0, healthyRounds);
    const well = last.filter((stretch) => stretch.well).length;
    return well === healthyRounds
      ? []
      : [`${entry} was well in ${well} of its last ${healthyRounds} rounds (${seenIn(last)})`];
  });
}

function seenIn(stretches: readonly Stretch[]): string {
  const sum = (of: 'good' | 'bad' | 'missing'): number => stretches.reduce((total, stretch) => total + stretch[of], 0);
  return `${sum('good')} attempts good, ${sum('bad')} bad, ${sum('missing')} missing`;
}

/**
 * Why the drill ends here when another began before it. Of two runners that began at once, the one that began first goes
 * on, by the aggregator's record of both: they read the same two times, so they never give way to each other.
 */
async function earlierDrill(run: Run): Promise<string | null> {
  const { clock, fleet, interrupt } = run.deps;
  const { id, offset } = run.prepared;
  const fleetNowMs = clock.nowMs() + (offset.lowerMs + offset.upperMs) / 2;
  const { drills } = await fleet.drills(interrupt);
  const own = drills.find((drill) => drill.id === id);
  const rival = drills.find((drill) => {
    if (drill.id === id || !isRunning(drill) || drill.aliveAtMs === undefined) return false;
    return fleetNowMs - drill.aliveAtMs <= rivalSilenceMs && (own === undefined || beganBefore(drill, own));
  });
  if (rival === undefined) return null;
  run.untouchedExit = 4;
  return `not injecting, rule 4 (guard.open-drill): drill ${rival.id} began before this one and is running`;
}

/** A runner that has not announced its drill for this long is dead. */
const rivalSilenceMs = 5 * announceEveryMs;

function beganBefore(one: DrillReport, other: DrillReport): boolean {
  return one.startedMs === other.startedMs ? one.id < other.id : one.startedMs < other.startedMs;
}

/**
 * Journal, Lease, the undo record in the target, restorer, in this order; nothing of the service is touched. What mends by
 * itself in the target, or by a schedule of the account, is part of arming.
 */
async function putInPlace(run: Run): Promise<void> {
  const { prepared, journal, deps, options } = run;
  const { id, undo, home } = prepared;
  const { leaseMs: durationMs } = options.drill;
  const name = leaseNameOf(id);
  await journal.append({
    type: 'undo',
    undo,
    lease: { name, durationMs, context: home.context, namespace: home.namespace },
  });
  const claim = { drill: id, holder: holderOf(run), durationMs, annotations: { [undoKey]: JSON.stringify(undo) } };
  const lease = await createLease(home, claim, deps.clock, deps.interrupt);
  run.lease = lease;
  const fault = faultOf(run);
  await fault.arm(undo, deps.interrupt);
  if (fault.renew !== undefined) run.renewal = keepRenewed(fault, undo, durationMs, deps);
  await journal.append({ type: 'armed' });
  if (prepared.stake === null) return;
  await startRestorer(run, lease, prepared.stake);
  await journal.append({ type: 'restorer-seen' });
}

/** Takes back what was put in place, as far as it can be: what stays behind is harmless, and `recover` sweeps it. */
async function withdraw(run: Run): Promise<void> {
  run.renewal?.stop();
  const left = await sweepCluster(run);
  if (left.length > 0) run.recorder.message(`left behind, harmless, for "drill recover" to sweep: ${left.join('; ')}`);
}
