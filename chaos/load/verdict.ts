/** What the end of a load says of the drill. Pure. */
import type { LoadFacts } from '../../contract/load.ts';
import type { Status } from '../../contract/verdict.ts';

export type LoadVerdict = {
  readonly status: Status;
  readonly because: string;
  /** The script or its options are to blame, and not the service. */
  readonly wrong: boolean;
};

/** What is known by k6's exit code alone; the ones that need more are asked for before. */
const told: Readonly<Record<number, readonly [Status, string]>> = {
  97: ['inconclusive', 'the run in the cloud failed'],
  98: ['inconclusive', 'the run in the cloud could not be followed'],
  99: ['fail', 'thresholds were crossed'],
  100: ['inconclusive', 'its setup took too long'],
  101: ['inconclusive', 'its teardown took too long'],
  102: ['inconclusive', 'it took too long'],
  103: ['inconclusive', 'it was stopped over its API'],
  105: ['inconclusive', 'somebody else interrupted it'],
  106: ['inconclusive', 'its API could not be opened'],
  108: ['fail', 'the script aborted the test'],
  109: ['inconclusive', 'k6 itself broke'],
  110: ['fail', 'the script marked the test as failed'],
};

/** What k6 ends with where the script or its options are wrong: options, an exception, a flag or a file. */
const wrongs: readonly number[] = [104, 107, 255];

export function loadVerdict(facts: LoadFacts): LoadVerdict {
  const { exitCode, ended } = facts;
  const crossed = (facts.summary?.thresholds ?? []).filter(({ held }) => !held);
  if (crossed.length > 0) {
    const which = crossed.map(({ metric, expression }) => `${metric} ${expression}`).join(', ');
    return verdict('fail', `thresholds were crossed: ${which}`);
  }
  if (exitCode !== null && wrongs.includes(exitCode)) {
    return { ...verdict('inconclusive', `what you wrote is wrong: ${firstOf(facts)}`), wrong: true };
  }
  // 105 is how it ends when it is asked to, and 0 when its own time was up just then.
  const inOrder = exitCode === 0 || (exitCode === 105 && ended === 'asked');
  if (inOrder) return endedInOrder(facts);
  if (ended === 'killed') return verdict('inconclusive', 'it did not end when it was asked to, and was killed');
  const known = exitCode === null ? undefined : told[exitCode];
  if (known !== undefined) return verdict(...known);
  return verdict('inconclusive', `k6 ended with ${exitCode ?? 'a signal'}: ${firstOf(facts)}`);
}

/** k6 ends with 0 also where every iteration threw and no threshold says that it must not. */
function endedInOrder(facts: LoadFacts): LoadVerdict {
  const { summary, thrown } = facts;
  if (summary === null) return verdict('inconclusive', 'it left no summary');
  const { iterations, requests, failed } = summary;
  if (thrown > 0 && thrown >= iterations) return verdict('fail', `every iteration threw: ${firstOf(facts)}`);
  if (iterations === 0) return verdict('inconclusive', 'no iteration came to its end, so nothing was loaded');
  const unjudged = Object.entries(facts.wanted).flatMap(([metric, expressions]) =>
    expressions
      .filter((expression) => !summary.thresholds.some((one) => one.metric === metric && one.expression === expression))
      .map((expression) => `${metric} ${expression}`),
  );
  if (unjudged.length > 0) return verdict('inconclusive', `thresholds were not judged: ${unjudged.join(', ')}`);
  const threw = thrown === 0 ? '' : `; ${thrown} of ${iterations} iterations threw: ${firstOf(facts)}`;
  const held = summary.thresholds.length === 0 ? 'no threshold was set' : 'all thresholds held';
  return verdict('pass', `${requests} requests, ${failed} of them failed; ${held}${threw}`);
}

function verdict(status: Status, because: string): LoadVerdict {
  return { status, because, wrong: false };
}

function firstOf({ said }: LoadFacts): string {
  return said[0] ?? 'it said nothing';
}
