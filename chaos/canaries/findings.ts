/** What a reader should know of the canaries beside their verdict, a sentence each. */
import type { CanaryReport } from '../../contract/canaries.ts';
import { type CanaryFacts, type CanarySetup, countOf, linesOf, shownNumbers } from './facts.ts';

type Shown = Omit<CanaryReport, 'verdict' | 'findings'>;

export function findingsOf(facts: CanaryFacts, setup: CanarySetup, shown: Shown): readonly string[] {
  return [...neverTaken(facts, setup), ...gaps(shown), ...odd(facts), ...notErased(setup, shown)];
}

function neverTaken(facts: CanaryFacts, { targets }: CanarySetup): readonly string[] {
  const byTarget = Map.groupBy(linesOf(facts, 'attempt'), ({ target }) => target);
  return targets.flatMap(({ name }) => {
    const own = byTarget.get(name) ?? [];
    if (own.length === 0 || own.some(({ acknowledged }) => acknowledged)) return [];
    return [`canaries: none of ${own.length} writes to ${name} was acknowledged: ${own.at(-1)?.said}`];
  });
}

function gaps({ stores }: Shown): readonly string[] {
  return stores
    .filter((store) => countOf(store.gaps) > 0)
    .map(
      (store) =>
        `canaries: the store of ${store.region} lacks ${countOf(store.gaps)} that others have (${shownNumbers(store.gaps)})`,
    );
}

function odd(facts: CanaryFacts): readonly string[] {
  const ids = linesOf(facts, 'reading').flatMap((reading) => ('odd' in reading ? reading.odd : []));
  const distinct = [...new Set(ids)];
  return distinct.length === 0 ? [] : [`canaries: ids that nobody gave: ${distinct.slice(0, mostOdd).join(', ')}`];
}

const mostOdd = 10;

/** All ids: somebody has to go and erase them. */
function notErased({ mark }: CanarySetup, { erased, attempts }: Shown): readonly string[] {
  if (attempts === 0) return [];
  if (erased === null)
    return [`canaries: they were not erased; "drill recover" does, all whose ids begin with ${mark}`];
  return [
    ...Object.entries(erased.left).map(([region, ids]) => `canaries: not erased in ${region}: ${ids.join(', ')}`),
    ...Object.entries(erased.unread).map(
      ([region, because]) => `canaries: in ${region} ids that begin with ${mark} may be left: ${because}`,
    ),
  ];
}
