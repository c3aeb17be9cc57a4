/** Why a drill has to stop: one ordered list of pure functions of what its runner has read. Stopping restores. */
import { conditions } from './stop-conditions/conditions.ts';
import { type Stop, type StopFacts, stopNames } from './stop-conditions/facts.ts';

export { type LeaseFacts, type Stop, type StopFacts, type StopName, stopNames } from './stop-conditions/facts.ts';

/** The first that holds; `null` while the drill may go on. */
export function stopOf(facts: StopFacts): Stop | null {
  for (const name of stopNames) {
    const because = conditions[name](facts);
    if (because !== null) return { name, because };
  }
  return null;
}

/** As the report tells it: `the deadline has passed: 4.1 min since the injection, limit 4.0 min (stop.deadline)`. */
export function describeStop({ name, because }: Stop): string {
  return `${because} (${name})`;
}
