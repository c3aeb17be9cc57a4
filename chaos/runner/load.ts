import type { LoadFacts } from '../../contract/load.ts';
import { loadVerdict } from '../load.ts';
import type { Run } from './run.ts';

/** Ends the load and keeps what was recorded of it. */
export async function endLoad({ load, recorder }: Pick<Run, 'load' | 'recorder'>): Promise<void> {
  if (load !== null) recorder.load(await load.end());
}

/** Why a drill does not begin: its load is over already, and not in order. `wrong`: what its script says is. */
export function loadTrouble({ load }: Pick<Run, 'load'>): { readonly because: string; readonly wrong: boolean } | null {
  const over = load?.over() ?? null;
  return over === null ? null : { because: describeEnd(over), wrong: loadVerdict(over).wrong };
}

function describeEnd(over: LoadFacts): string {
  return `not injecting: the load ended before the drill began: ${loadVerdict(over).because}`;
}
