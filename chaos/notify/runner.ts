/** When a runner tells: from what it does anyway. */
import type { DrillReport } from '../../contract/drill.ts';
import type { Outcome, Progress, RunnerDeps } from '../runner/types.ts';
import { lastWordMs, lastWordOfTroubleMs } from './last-word.ts';
import type { NoticeOf } from './notice.ts';

/**
 * Runs a drill that the guard lets begin, and tells how it goes. Once it was told to be planned it is told to be restored, or
 * not to be: also of one that ended before anything was touched.
 */
export async function noticed(
  of: NoticeOf,
  deps: RunnerDeps,
  run: (deps: RunnerDeps) => Promise<Outcome>,
): Promise<Outcome> {
  const { notify, clock } = deps;
  if (notify === undefined) return run(deps);
  const tell = (kind: 'planned' | 'injecting' | 'failed-over' | 'restored' | 'not-restored', text: string): void =>
    notify.tell({ ...of, kind, atMs: clock.wallMs(), by: 'runner', text });
  const progress = (event: Progress): void => {
    if (event.kind === 'phase' && event.phase === 'injecting')
      tell('injecting', `${called(of)} takes ${of.region} away`);
    if (event.kind === 'phase' && event.phase === 'holding')
      tell('failed-over', `${called(of)}: what it waits for has come, ${of.region} is held away`);
    deps.progress(event);
  };
  tell('planned', `${called(of)} begins: ${of.fault}`);
  try {
    const outcome = await run({ ...deps, progress });
    const isRestored = outcome.report.restored;
    tell(isRestored ? 'restored' : 'not-restored', endOf(of, outcome.report));
    await notify.settled(isRestored ? lastWordMs : lastWordOfTroubleMs);
    return outcome;
  } catch (error) {
    // It rejects only while nothing has begun.
    tell('restored', `${called(of)} ended before anything was touched`);
    await notify.settled(lastWordMs);
    throw error;
  }
}

function called({ name, scenario }: NoticeOf): string {
  return `Drill ${name} of ${scenario}`;
}

function endOf(of: NoticeOf, { restored, left, verdict, t0 }: DrillReport): string {
  if (!restored) {
    const what = left.length > 0 ? left.join('; ') : verdict.because;
    return `${called(of)} is over, and ${of.region} is NOT restored: "drill recover" mends. ${what}`;
  }
  if (t0 === null) return `${called(of)} ended before anything was taken away: ${verdict.because}`;
  return `${called(of)} is over, and ${of.region} is restored: ${verdict.status}, ${verdict.because}`;
}
