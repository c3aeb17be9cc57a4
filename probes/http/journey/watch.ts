/** The phases of a whole journey, which add up to it, and those of each of its hops. */
import type { Clock } from '../../../contract/clock.ts';
import { type PhaseName, type Phases, phaseNames } from '../../../contract/result.ts';
import type { PhaseWatch } from '../../watch.ts';

/** Milliseconds each, as blackbox_exporter counts them: 0 for what was not come to or did not come to its end. */
export type HopPhases = {
  readonly resolveMs: number;
  readonly connectMs: number;
  readonly tlsMs: number;
  /** From the open connection to the first byte of the answer: writing the request is in it. */
  readonly processingMs: number;
  /** Of the last hop alone: of a redirect no body is read. */
  readonly transferMs: number;
};

export type HopWatch = { phases(last: boolean): HopPhases };

/** `finish` ends nothing here: the parts of a hop call it at their end, and the journey goes on. */
export type JourneyWatch = PhaseWatch & {
  hop(): HopWatch;
  total(): { readonly phases: Phases; readonly durationMs: number };
};

type Lengths = { -readonly [P in PhaseName]?: number };

export function journeyWatch(clock: Clock): JourneyWatch {
  const startedMs = clock.nowMs();
  const whole: Lengths = {};
  /** `undefined` between hops: what passes there is in the whole alone. */
  let ofHop: Lengths | undefined;
  let nextHop: Lengths = {};
  let current: PhaseName | undefined;
  let enteredMs = startedMs;

  function close(): void {
    const nowMs = clock.nowMs();
    // What passes before the first phase belongs to it: otherwise the sum would fall short of the whole.
    if (current === undefined) return;
    whole[current] = (whole[current] ?? 0) + (nowMs - enteredMs);
    if (ofHop !== undefined) ofHop[current] = (ofHop[current] ?? 0) + (nowMs - enteredMs);
    enteredMs = nowMs;
  }
  function total(): { readonly phases: Phases; readonly durationMs: number } {
    close();
    const phases: Lengths = {};
    for (const name of phaseNames) if (whole[name] !== undefined) phases[name] = whole[name];
    return { phases, durationMs: current === undefined ? 0 : enteredMs - startedMs };
  }

  return {
    enter(name) {
      close();
      current = name;
      ofHop = nextHop;
    },
    get current() {
      return current ?? 'resolve';
    },
    finish: () => ({ phases: {}, durationMs: 0 }),
    total,
    hop() {
      close();
      const lengths: Lengths = {};
      ofHop = undefined;
      nextHop = lengths;
      return {
        phases(last) {
          if (ofHop === lengths) close();
          const connected = lengths.firstByte !== undefined;
          const answered = lengths.transfer !== undefined;
          return {
            resolveMs: lengths.resolve ?? 0,
            connectMs: connected ? (lengths.connect ?? 0) : 0,
            tlsMs: connected ? (lengths.tls ?? 0) : 0,
            processingMs: answered ? (lengths.firstByte ?? 0) : 0,
            transferMs: answered && last ? (lengths.transfer ?? 0) : 0,
          };
        },
      };
    },
  };
}
