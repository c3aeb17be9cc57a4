/** The traces of the newest results, for the exemplars that are made of them. */
import type { Label } from './exposition.ts';
import type { Origin } from './layout.ts';
import { exemplarLabel } from './origins.ts';

export type TraceBook = {
  note(origin: Pick<Origin, 'boot' | 'seq'>, traceId: string): void;
  of(origin: Pick<Origin, 'boot' | 'seq'>): string | undefined;
};

/** Results whose traces are remembered; an exemplar of an older one has only its id, by which its trace can be found. */
const maxTraces = 20_000;
const traceLabel = 'trace_id';
/** OpenMetrics allows so many characters in all names and values of an exemplar. */
const maxCharacters = 128;
const written = /^[0-9a-f]{32}$/;

export function traceBook(most = maxTraces): TraceBook {
  const traces = new Map<string, string>();
  const keyOf = ({ boot, seq }: Pick<Origin, 'boot' | 'seq'>): string => `${boot}/${seq}`;
  return {
    note(origin, traceId) {
      // Agents say what they like.
      if (!written.test(traceId)) return;
      traces.set(keyOf(origin), traceId);
      if (traces.size <= most) return;
      for (const oldest of traces.keys()) {
        traces.delete(oldest);
        break;
      }
    },
    of: (origin) => (traces.size === 0 ? undefined : traces.get(keyOf(origin))),
  };
}

/** The labels of an exemplar: the trace first, where one is known and both find room. */
export function exemplarLabels(id: string, traceId: string | undefined): readonly Label[] {
  const own: Label = [exemplarLabel, id];
  const characters = [...id].length + exemplarLabel.length + traceLabel.length + (traceId?.length ?? 0);
  return traceId === undefined || characters > maxCharacters ? [own] : [[traceLabel, traceId], own];
}
