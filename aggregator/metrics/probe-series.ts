/** Where the numbers of a check at a vantage are, found once: looking up five labels for every result would be dear. */
import type { Result } from '../../contract/result.ts';
import type { CheckRow } from '../store/rows.ts';
import type { Slot } from './layout.ts';
import type { SeriesTable } from './series.ts';

/** Series come into being when there is something to put into them. */
export type ProbeSlots = {
  /** Target, check, region, served_by, vantage. */
  readonly labels: readonly string[];
  duration(): Slot;
  good(): Slot;
  phase(name: string): Slot;
};
export type ProbeSeries = {
  of(check: CheckRow, vantage: string, result: Pick<Result, 'region' | 'servedBy'>): ProbeSlots;
};

/** Beyond it they are looked up anew: the series themselves have a bound of their own. */
const maxKnown = 100_000;

export function probeSeries(series: SeriesTable): ProbeSeries {
  const known = new Map<string, ProbeSlots>();
  return {
    of(check, vantage, { region, servedBy }) {
      const id = `${check.id}\u0000${vantage}\u0000${region ?? ''}\u0000${servedBy ?? ''}`;
      let slots = known.get(id);
      if (slots === undefined) {
        slots = slotsOf(series, [check.target, check.name, region ?? '', servedBy ?? '', vantage]);
        if (known.size < maxKnown) known.set(id, slots);
      }
      return slots;
    },
  };
}

function slotsOf(series: SeriesTable, labels: readonly string[]): ProbeSlots {
  const phases = new Map<string, Slot>();
  let duration: Slot | undefined;
  let good: Slot | undefined;
  return {
    labels,
    duration() {
      duration ??= series.slot('probeDuration', labels);
      return duration;
    },
    good() {
      good ??= series.slot('probeResults', [...labels, 'good', '']);
      return good;
    },
    phase(name) {
      let slot = phases.get(name);
      if (slot === undefined) {
        slot = series.slot('probePhase', [...labels, name]);
        phases.set(name, slot);
      }
      return slot;
    },
  };
}
