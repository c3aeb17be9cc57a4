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

export type Outcome = {
  readonly records: readonly AnswerRecord[];
  readonly outside: string | null;
  readonly probability: number;
};

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

/** Every way the draws can go, with its probability; they add up to 1. */
export function outcomes(choice: Choice): readonly Outcome[] {
  switch (choice.kind) {
    case 'records':
      return [{ records: choice.records, outside: choice.outside ?? null, probability: 1 }];
    case 'chain':
      return outcomes(choice.next).map((outcome) => ({ ...outcome, records: [...choice.records, ...outcome.records] }));
    case 'several': {
      const sets = choice.among.length > mostListed ? [choice.among] : subsets(choice.among, choice.count);
      return sets.map((set) => ({ records: set.flat(), outside: null, probability: 1 / sets.length }));
    }
    case 'one': {
      const total = choice.among.reduce((sum, branch) => sum + branch.weight, 0);
      return choice.among.flatMap((branch) =>
        outcomes(branch.choice).map((outcome) => ({
          ...outcome,
          probability: (outcome.probability * branch.weight) / total,
        })),
      );
    }
  }
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
