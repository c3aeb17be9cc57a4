/** Which alerts a drill has raised: those of the region that it has taken away. Pure. */
import type { DrillReport } from '../../contract/drill.ts';
import type { Alerts, Found } from './alert.ts';
import { idOf } from './alert.ts';

/**
 * With the id of the drill that runs in its region, where it began while that one had injected. An alert keeps what it began
 * with: of one that was there before, and of one that has no region, nobody can say that a drill raised it.
 */
export function byDrill(rule: string, found: Found, before: Alerts, drills: readonly DrillReport[]): Found {
  const known = before.get(idOf(rule, found.labels));
  const goesOn = known !== undefined && known.resolvedAtMs === null;
  const { drill: _, ...rest } = found;
  const id = goesOn ? known.found.drill : drillIn(found.labels['region'], drills);
  return id === undefined ? rest : { ...rest, drill: id };
}

function drillIn(region: string | undefined, drills: readonly DrillReport[]): string | undefined {
  if (region === undefined || region === '') return undefined;
  return drills.find((drill) => {
    const hasTaken = drill.status === 'running' && drill.t0 !== null && drill.fault !== 'observed';
    return hasTaken && drill.region === region;
  })?.id;
}
