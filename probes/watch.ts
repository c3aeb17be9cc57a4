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
  return new Watch(clock);
}

/** A class, as one is made for each attempt: closures would be five things to make. */
class Watch implements PhaseWatch {
  readonly #clock: Clock;
  readonly #phases: { -readonly [P in PhaseName]?: number } = {};
  readonly #startedMs: number;
  #enteredMs: number;
  #current: PhaseName | undefined;
  #finished: ReturnType<PhaseWatch['finish']> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.#enteredMs = this.#startedMs;
  }
  enter(name: PhaseName): void {
    // What passes before the first phase belongs to it: otherwise the sum would fall short of the whole.
    if (this.#current !== undefined) this.#close(this.#current);
    this.#current = name;
  }
  get current(): PhaseName {
    return this.#current ?? 'resolve';
  }
  finish(): { readonly phases: Phases; readonly durationMs: number } {
    if (this.#finished === undefined) {
      if (this.#current !== undefined) this.#close(this.#current);
      const durationMs = this.#current === undefined ? 0 : this.#enteredMs - this.#startedMs;
      this.#finished = { phases: this.#phases, durationMs };
    }
    return this.#finished;
  }
  #close(phase: PhaseName): void {
    const nowMs = this.#clock.nowMs();
    this.#phases[phase] = (this.#phases[phase] ?? 0) + (nowMs - this.#enteredMs);
    this.#enteredMs = nowMs;
  }
}
