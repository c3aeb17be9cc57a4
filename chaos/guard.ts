import { mayBeOverridden, ruleNames } from '../contract/guard.ts';
import type { GuardFacts, Refusal } from './guard/facts.ts';
import { rules } from './guard/rules.ts';

export type { GuardFacts, Refusal } from './guard/facts.ts';
export { guardFacts } from './guard/read.ts';

export type Judgement = {
  /** In the order of the ladder; empty: the drill may begin. */
  readonly refusals: readonly Refusal[];
  /** Rules that would have refused, and the reasons for which they did not. */
  readonly overridden: Readonly<Record<string, string>>;
};

/** Climbs the whole ladder, so that all that is wrong is said at once. */
export function judgeGuard(facts: GuardFacts, overrides: Readonly<Record<string, string>>): Judgement {
  const refusals: Refusal[] = [];
  const overridden: Record<string, string> = {};
  for (const [index, rule] of ruleNames.entries()) {
    const objection = rules[rule](facts);
    if (objection === undefined) continue;
    const reason = mayBeOverridden(rule) ? overrides[rule] : undefined;
    if (reason === undefined) refusals.push({ number: index + 1, rule, ...objection });
    else overridden[rule] = reason;
  }
  return { refusals, overridden };
}

/** `refused by rule 3, guard.vantages: 1 of 3 vantages … To change it: …` */
export function describeRefusal({ number, rule, because, remedy }: Refusal): string {
  return `not injecting, rule ${number} (${rule}): ${because}. What would change it: ${remedy}.`;
}
