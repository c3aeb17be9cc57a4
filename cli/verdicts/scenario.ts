import { Mistakes } from '../../contract/mistake.ts';
import type { Objective } from '../../contract/objective.ts';
import { scheduleId } from '../../contract/schedule.ts';

/** What an aggregator has verdicts on because of a scenario. */
export type Judged = {
  readonly objectives: readonly Objective[];
  /** Names of the drills that are due at set times. */
  readonly scheduled: readonly string[];
};

/** All that a scenario has judged; `null` where none was given. Throws `Mistakes`. */
export async function judgedBy(file: string | undefined, ids: readonly string[]): Promise<Judged | null> {
  if (file === undefined) return null;
  const { loadScenario } = await import('../../scenarios/load.ts');
  const { drills } = await loadScenario(file);
  const scheduled = drills.flatMap(({ name, schedule }) => (schedule === null ? [] : [name]));
  const others = ids.filter((id) => !scheduled.some((name) => scheduleId(name) === id));
  return { objectives: (await objectivesIn(file, others)) ?? [], scheduled };
}

/** The objectives of a scenario, which has all of these; `null` where none was given. Throws `Mistakes`. */
export async function objectivesIn(
  file: string | undefined,
  ids: readonly string[],
): Promise<readonly Objective[] | null> {
  if (file === undefined) return null;
  const { loadScenario } = await import('../../scenarios/load.ts');
  const { objectivesOf } = await import('../../scenarios/compile.ts');
  const objectives = objectivesOf(await loadScenario(file));
  const known = objectives.map(({ id }) => id);
  const mistakes = ids
    .filter((id) => !known.includes(id))
    .map((id) => ({ place: 'objective', got: JSON.stringify(id), want: `one of ${known.join(', ')} (${file})` }));
  if (mistakes.length > 0) throw new Mistakes(mistakes);
  return objectives;
}
