/** One checker's watch over one endpoint: it looks, waits the interval from the answer on, and looks again. */
import type { Cancel, Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import { type CheckerState, newChecker, step } from '../../zone/health.ts';
import type { CheckerReport, HealthCheck } from '../../zone/records.ts';
import type { Outcome } from './status.ts';

/** One of Route 53's checkers: where it is, and the address that it asks from. */
export type Station = { readonly region: string; readonly address: string };

/** Tells what an endpoint shows to this checker. */
export type Look = (check: HealthCheck, station: Station, signal: AbortSignal) => Promise<Outcome>;

export type Watch = {
  /** `undefined` before the first result. */
  report(): CheckerReport | undefined;
  /** The last result that was a failure, with its own time. */
  lastFailure(): CheckerReport | undefined;
  /** Goes on with other settings, from the state that it has. */
  retarget(check: HealthCheck): void;
  stop(): void;
};

const msPerSecond = 1_000;

/** `onReport` is called after each result, with the state before it. */
export function watch(
  start: { readonly check: HealthCheck; readonly station: Station; readonly look: Look },
  deps: { readonly clock: Clock; readonly random: Random },
  onReport: (report: CheckerReport, before: CheckerState, first: boolean) => void,
): Watch {
  const { station, look } = start;
  const { clock, random } = deps;
  let check = start.check;
  let state = newChecker;
  let report: CheckerReport | undefined;
  let failed: CheckerReport | undefined;
  let stopped = new AbortController();
  let cancel: Cancel = () => undefined;

  function lookIn(delayMs: number): void {
    const { signal } = stopped;
    cancel = clock.after(delayMs, () => {
      void look(check, station, signal).then((outcome) => {
        if (signal.aborted) return;
        note(outcome);
        lookIn(check.requestIntervalSeconds * msPerSecond);
      });
    });
  }

  function note({ good, status }: Outcome): void {
    const before = state;
    const first = report === undefined;
    state = step(state, good, check.failureThreshold);
    const checkedAtMs = clock.nowMs();
    const now = { ...station, healthy: state.healthy, checkedAtMs };
    if (!good) failed = { ...now, status };
    // The text is the checker's verdict: until enough results in a row say otherwise, that of the last that agreed.
    const agreed =
      good === state.healthy ? status : (report?.status ?? 'Success: too few results in a row say otherwise.');
    report = { ...now, status: agreed };
    onReport(report, before, first);
  }

  function stop(): void {
    cancel();
    stopped.abort();
  }

  // Each checker begins at a time of its own.
  lookIn(random() * check.requestIntervalSeconds * msPerSecond);
  return {
    report: () => report,
    lastFailure: () => failed,
    retarget(next) {
      stop();
      stopped = new AbortController();
      check = next;
      lookIn(random() * check.requestIntervalSeconds * msPerSecond);
    },
    stop,
  };
}
