/** What may be answered, as a tree of draws: it is drawn from once to answer, and summed up to predict. */
import type { Random } from '../contract/random.ts';
import type { RecordType } from './records.ts';

export type AnswerRecord = {
  readonly name: string;
  readonly type: RecordType;
  readonly ttlSeconds: number;
  /** As Route 53 writes it: an address, a name, or texts in quotation marks. */
  readonly value: string;
};

export type Choice =
  /** `outside` names an alias target that is not in the zone: its addresses are not known here. */
  | { readonly kind: 'records'; readonly records: readonly AnswerRecord[]; readonly outside?: string }
  /** One branch, by weight. */
  | { readonly kind: 'one'; readonly among: readonly { readonly weight: number; readonly choice: Choice }[] }
  /** `count` of the branches' records, each set of branches as likely as any other. */
  | { readonly kind: 'several'; readonly count: number; readonly among: readonly (readonly AnswerRecord[])[] }
  /** These records, and then what the name they lead to answers. */
  | { readonly kind: 'chain'; readonly records: readonly AnswerRecord[]; readonly next: Choice };

/** What is learnt of the type that was asked for: its values, or the name that the answer ends at. */
export type Final = { readonly values: readonly string[]; readonly probability: number };

/** Above this many, the subsets of a multivalue group are not listed one by one. */
const mostListed = 12;

export function draw(choice: Choice, random: Random): readonly AnswerRecord[] {
  switch (choice.kind) {
    case 'records':
      return choice.records;
    case 'chain':
      return [...choice.records, ...draw(choice.next, random)];
    case 'several':
      return shuffled(choice.among, random).slice(0, choice.count).flat();
    case 'one': {
      const total = choice.among.reduce((sum, branch) => sum + branch.weight, 0);
      let left = random() * total;
      for (const branch of choice.among) {
        left -= branch.weight;
        if (left < 0) return draw(branch.choice, random);
      }
      return [];
    }
  }
}

/**
 * Every final answer with its probability; they add up to 1. A tree may hold the same branch in many places, and is then
 * worked out once: the work grows with the records of a zone, not with the ways through them.
 */
export function finals(choice: Choice, type: string, known = new Map<Choice, readonly Final[]>()): readonly Final[] {
  const before = known.get(choice);
  if (before !== undefined) return before;
  const found = finalsOf(choice, type, known);
  known.set(choice, found);
  return found;
}

function finalsOf(choice: Choice, type: string, known: Map<Choice, readonly Final[]>): readonly Final[] {
  switch (choice.kind) {
    case 'records': {
      const values = choice.outside === undefined ? valuesAsked(choice.records, type) : [choice.outside];
      return [{ values, probability: 1 }];
    }
    case 'chain': {
      const asFarAsHere = valuesAsked(choice.records, type);
      const next = finals(choice.next, type, known);
      return merged(next.map((final) => (final.values.length > 0 ? final : { ...final, values: asFarAsHere })));
    }
    case 'several': {
      const sets = choice.among.length > mostListed ? [choice.among] : subsets(choice.among, choice.count);
      return merged(sets.map((set) => ({ values: valuesAsked(set.flat(), type), probability: 1 / sets.length })));
    }
    case 'one': {
      const total = choice.among.reduce((sum, branch) => sum + branch.weight, 0);
      return merged(
        choice.among.flatMap((branch) =>
          finals(branch.choice, type, known).map(({ values, probability }) => ({
            values,
            probability: (probability * branch.weight) / total,
          })),
        ),
      );
    }
  }
}

/** Where a chain ends outside the zone, the name that it ends at. */
function valuesAsked(records: readonly AnswerRecord[], type: string): readonly string[] {
  const asked = records.filter((record) => record.type === type);
  return (asked.length > 0 ? asked : records.slice(-1)).map(({ value }) => value);
}

/** The same values in another order are the same answer. */
function merged(finalsHere: readonly Final[]): readonly Final[] {
  const byValues = new Map<string, Final>();
  for (const { values, probability } of finalsHere) {
    const key = [...values].sort().join('\n');
    const before = byValues.get(key);
    byValues.set(key, { values: before?.values ?? values, probability: probability + (before?.probability ?? 0) });
  }
  return [...byValues.values()];
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

function subsets<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (items.length <= size) return [items];
  if (size === 0) return [[]];
  const [first, ...rest] = items as readonly [T, ...T[]];
  return [...subsets(rest, size - 1).map((set) => [first, ...set]), ...subsets(rest, size)];
}
