import { type Cancel, every, sleep } from '../../contract/clock.ts';
import type { DrillFacts } from '../facts.ts';
import { progressOf } from '../progress.ts';
import { fresh } from '../runner/run.ts';
import { readCheckers } from '../runner/zone.ts';
import { firstChange } from './change.ts';
import type { ObserveOptions, ObserverDeps, Watch } from './watch.ts';

const slackMs = 3_000;
const tickMs = 250;
const checkersEveryMs = 500;

/** Goes with the watch from the first look to its end. */
export async function follow(options: ObserveOptions, watch: Watch, deps: ObserverDeps): Promise<void> {
  const untilMs = deps.clock.nowMs() + options.limitMs;
  const stopAsking = askCheckers(watch, deps);
  try {
    say(watch, deps, 'baseline');
    while (!isOver(watch, deps.clock.nowMs())) {
      if (deps.interrupt.aborted) {
        watch.stop('interrupted');
        return;
      }
      if (deps.clock.nowMs() >= untilMs) {
        watch.stop(`the limit of ${options.limitMs / 1_000} s was reached`);
        return;
      }
      look(options, watch, deps);
      await sleep(deps.clock, tickMs, deps.interrupt).catch(() => undefined);
    }
  } finally {
    stopAsking();
  }
}

function look({ scenario }: ObserveOptions, watch: Watch, deps: ObserverDeps): void {
  const facts = watch.facts();
  const region = watch.region();
  if (facts.t0 === null) {
    const regions = region === null ? Object.keys(scenario.regions) : [region];
    const change = firstChange(watch.everything(), regions, 'dark');
    if (change === null) return;
    watch.dark(change);
    deps.progress({ kind: 'message', text: `${change.region} went dark` });
    say(watch, deps, 'failing-over');
  } else if (facts.restoreCalled === null && region !== null) {
    // Only what came after the change can show its end.
    const darkFromMs = facts.t0.upperMs + facts.offset.upperMs;
    const later = facts.results.filter(({ atMs }) => atMs > darkFromMs);
    const change = firstChange(later, [region], 'back');
    if (change === null) return;
    watch.back(change);
    deps.progress({ kind: 'message', text: `${change.region} answers again` });
    say(watch, deps, 'failing-back');
  }
}

function say(watch: Watch, { progress }: ObserverDeps, phase: DrillFacts['phase']): void {
  progress({ kind: 'phase', drill: watch.facts().id, phase });
}

function isOver(watch: Watch, nowMs: number): boolean {
  const facts = watch.facts();
  const { restoreCalled, expect } = facts;
  if (restoreCalled === null) return false;
  const limitMs = Math.max(0, ...expect.map(({ failbackMs }) => failbackMs));
  return nowMs > restoreCalled.upperMs + limitMs + slackMs || progressOf(facts).failedBack;
}

/** From when the region is known. Failures leave a gap. */
function askCheckers(watch: Watch, { zone, clock }: ObserverDeps): Cancel {
  if (zone === null) return () => undefined;
  return every(
    clock,
    checkersEveryMs,
    async () => {
      const check = watch.healthCheck();
      if (check !== null) watch.checkers(await readCheckers(zone, check, clock, fresh()));
    },
    () => undefined,
  );
}
