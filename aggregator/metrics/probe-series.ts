/** Where the numbers of a check at a vantage are, found once: looking up five labels for every result would be dear. */
import type { PhaseName, Result } from '../../contract/result.ts';
import type { CheckRow } from '../store/rows.ts';
import type { Slot } from './layout.ts';
import type { SeriesTable } from './series.ts';

/** Series come into being when there is something to put into them. */
export type ProbeSlots = {
  /** Target, check, region, served_by, vantage. */
  readonly labels: readonly string[];
  readonly region: string | null;
  readonly servedBy: string | null;
  duration(): Slot;
  good(): Slot;
  phase(name: PhaseName): Slot;
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
      const id = [check.id, check.name, check.target, vantage, region ?? '', servedBy ?? ''].join('\u0000');
      let slots = known.get(id);
      if (slots === undefined) {
        slots = slotsOf(series, { target: check.target, name: check.name, region, servedBy, vantage });
        if (known.size < maxKnown) known.set(id, slots);
      }
      return slots;
    },
  };
}

type Labelled = Pick<Result, 'region' | 'servedBy'> & Pick<CheckRow, 'target' | 'name'> & { readonly vantage: string };

function slotsOf(series: SeriesTable, { target, name, region, servedBy, vantage }: Labelled): ProbeSlots {
  const labels = [target, name, region ?? '', servedBy ?? '', vantage];
  const phases = new Map<string, Slot>();
  let duration: Slot | undefined;
  let good: Slot | undefined;
  return {
    labels,
    region,
    servedBy,
    duration() {
      duration ??= series.slot('probeDuration', labels);
      return duration;
    },
    good() {
      good ??= series.slot('probeResults', [...labels, 'good', '']);
      return good;
    },
    phase(phase) {
      let slot = phases.get(phase);
      if (slot === undefined) {
        slot = series.slot('probePhase', [...labels, phase]);
        phases.set(phase, slot);
      }
      return slot;
    },
  };
}
