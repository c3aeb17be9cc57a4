/** One drill from its options to its outcome, as `drill run` and `drill serve` have it run. */
import type { SavedPlan } from '../../chaos/plan.ts';
import { type Outcome, runDrill } from '../../chaos/run.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import type { Io } from '../io.ts';
import { loadFor } from '../load/k6.ts';
import { version } from '../version.ts';
import { type DrillFlags, runnerDeps } from './options.ts';
import { traceDrill } from './trace.ts';

export type Once = {
  readonly scenario: Scenario;
  readonly drill: DrillPlan;
  readonly saved: SavedPlan | null;
  readonly urls: readonly URL[];
  readonly token: string | null;
};

export async function runOnce({ drill, saved, ...where }: Once, flags: DrillFlags, io: Io): Promise<Outcome> {
  const { scenario } = where;
  const deps = await runnerDeps(flags, where, io);
  try {
    const toldBy = (text: string): void => deps.progress({ kind: 'message', text });
    const load = await loadFor({ scenario, scenarioFile: flags.scenario ?? '', drill, tell: toldBy }, io);
    const options = { scenario, drill, evidenceDir: flags.evidence, version, saved };
    const outcome = await runDrill(options, load === undefined ? deps : { ...deps, load });
    await traceDrill(outcome, io);
    return outcome;
  } finally {
    deps.zone?.close();
  }
}
