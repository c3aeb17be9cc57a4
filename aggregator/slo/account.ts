/** What counts for and against an objective in some time, and what is not known. */
import type { MissingPolicy } from '../../contract/objective.ts';

/** Counts of one slice of time, or of several. */
export type Account = {
  good: number;
  bad: number;
  /** One or the other: a bucket or a merged slice does not say. */
  unsure: number;
  /** Expected and not there. */
  missing: number;
  /** Of those, what holding the slice before would make good, and bad; the rest has nothing before it. */
  heldGood: number;
  heldBad: number;
};

export function emptyAccount(): Account {
  return { good: 0, bad: 0, unsure: 0, missing: 0, heldGood: 0, heldBad: 0 };
}

export function minus(a: Account, b: Account): Account {
  return {
    good: a.good - b.good,
    bad: a.bad - b.bad,
    unsure: a.unsure - b.unsure,
    missing: a.missing - b.missing,
    heldGood: a.heldGood - b.heldGood,
    heldBad: a.heldBad - b.heldBad,
  };
}

export function plus(a: Account, b: Account): Account {
  return {
    good: a.good + b.good,
    bad: a.bad + b.bad,
    unsure: a.unsure + b.unsure,
    missing: a.missing + b.missing,
    heldGood: a.heldGood + b.heldGood,
    heldBad: a.heldBad + b.heldBad,
  };
}

/** What the interval is made of: at least `good` and at most `good + unsure` of `n`. */
export type Tally = { readonly good: number; readonly unsure: number; readonly n: number };

/** What is missing, counted as the objective says. */
export function tallied(account: Account, policy: MissingPolicy): Tally {
  const { good, bad, unsure, missing, heldGood, heldBad } = account;
  switch (policy) {
    case 'exclude':
      return { good, unsure, n: good + bad + unsure };
    case 'bad':
      return { good, unsure, n: good + bad + unsure + missing };
    case 'hold':
      return { good: good + heldGood, unsure, n: good + bad + unsure + heldGood + heldBad };
  }
}

/** Everything that is missing was bad, and good: between them lies whatever it was. */
export function extremes(account: Account): readonly [worst: Tally, best: Tally] {
  const { good, bad, unsure, missing } = account;
  const n = good + bad + unsure + missing;
  return [
    { good, unsure, n },
    { good: good + missing, unsure, n },
  ];
}
