/** Boots of agents by number, so that an exemplar is four numbers; and the name of a result that an exemplar carries. */
import type { Origin } from './layout.ts';

export type OriginBook = {
  number(agent: string, boot: string): number;
  /** `undefined` when the boot is forgotten, or the name would be too long. */
  name(origin: Pick<Origin, 'boot' | 'seq'>): string | undefined;
};

/** Boots that are remembered: exemplars of older ones are left out. */
const maxBoots = 10_000;
export const exemplarLabel = 'id';
/** OpenMetrics allows 128 characters in all names and values of an exemplar. */
const maxNameLength = 128 - exemplarLabel.length;

export function originBook(most = maxBoots): OriginBook {
  const numbers = new Map<string, number>();
  const boots = new Map<number, string>();
  let last = 0;
  return {
    number(agent, boot) {
      const text = `${agent}/${boot}`;
      const known = numbers.get(text);
      if (known !== undefined) return known;
      last += 1;
      numbers.set(text, last);
      boots.set(last, text);
      if (boots.size > most) {
        const [oldest] = boots;
        if (oldest !== undefined) {
          boots.delete(oldest[0]);
          numbers.delete(oldest[1]);
        }
      }
      return last;
    },
    name({ boot, seq }) {
      const from = boots.get(boot);
      if (from === undefined) return undefined;
      const name = `${from}/${seq}`;
      return [...name].length <= maxNameLength ? name : undefined;
    },
  };
}
