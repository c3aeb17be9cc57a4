import { Mistakes } from '../../contract/mistake.ts';
import type { Objective } from '../../contract/objective.ts';

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
