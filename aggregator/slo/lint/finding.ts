/** One sentence about an objective, and what to do about it. */
export type Finding = {
  /** `problem`: it cannot do what it says. `note`: it can, but not as one may think. `fact`: what its numbers come to. */
  readonly level: 'fact' | 'note' | 'problem';
  /** What it is about: a word of its own for each kind of sentence. */
  readonly topic: string;
  readonly says: string;
  /** As an interval, a target or another value of the scenario; `null` where nothing has to be done. */
  readonly remedy: string | null;
};

export function finding(level: Finding['level'], topic: string, says: string, remedy: string | null = null): Finding {
  return { level, topic, says, remedy };
}

/** Intervals that people choose, the longest first. */
export const usualIntervalsMs: readonly number[] = [
  86_400, 43_200, 21_600, 10_800, 7_200, 3_600, 1_800, 1_200, 900, 600, 300, 120, 60, 30, 20, 15, 10, 5, 2, 1,
].map((seconds) => seconds * 1_000);

/** The longest usual interval shorter than `everyMs` that will do. */
export function shorterInterval(everyMs: number, willDo: (everyMs: number) => boolean): number | undefined {
  return usualIntervalsMs.find((shorterMs) => shorterMs < everyMs && willDo(shorterMs));
}
