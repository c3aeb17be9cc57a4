import type { Clock } from '../contract/clock.ts';
import type { PhaseName, Phases } from '../contract/result.ts';

/** Cuts the time of one attempt into phases that add up to it, with nothing between them. */
export type PhaseWatch = {
  /** Ends the phase that ran, and begins `name`. */
  enter(name: PhaseName): void;
  /** The phase that runs, or ran last. */
  readonly current: PhaseName;
  /** Ends the last phase. Phases that were never entered are absent. Later calls return the same. */
  finish(): { readonly phases: Phases; readonly durationMs: number };
};

export function phaseWatch(clock: Clock): PhaseWatch {
  const phases: { -readonly [P in PhaseName]?: number } = {};
  const startedMs = clock.nowMs();
  let enteredMs = startedMs;
  let current: PhaseName | undefined;
  let finished: ReturnType<PhaseWatch['finish']> | undefined;

  function close(): void {
    const nowMs = clock.nowMs();
    // What passes before the first phase belongs to it: otherwise the sum would fall short of the whole.
    if (current !== undefined) {
      phases[current] = (phases[current] ?? 0) + (nowMs - enteredMs);
      enteredMs = nowMs;
    }
  }

  return {
    enter(name) {
      close();
      current = name;
    },
    get current() {
      return current ?? 'resolve';
    },
    finish() {
      if (finished === undefined) {
        close();
        finished = { phases, durationMs: current === undefined ? 0 : enteredMs - startedMs };
      }
      return finished;
    },
  };
}
