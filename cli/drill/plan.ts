import { planDrill, writePlan } from '../../chaos/plan.ts';
import type { Io } from '../io.ts';
import { version } from '../version.ts';
import { chosenDrill, type DrillFlags, given, runnerDeps } from './options.ts';

/** Reads, predicts and prints; touches nothing. */
export async function planCommand(name: string | undefined, flags: DrillFlags, io: Io): Promise<number> {
  const { scenario, urls, token } = await given(flags, { fleet: true });
  const drill = chosenDrill(scenario, name);
  const deps = await runnerDeps(flags, { scenario, urls, token }, io);
  const planned = await planDrill({ scenario, drill, evidenceDir: flags.evidence, version }, deps);
  deps.zone?.close();
  if (flags.out !== undefined) await writePlan(flags.out, planned.saved);
  io.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ ...planned.saved, exit: planned.exit }, null, 2)}\n`
      : `${planned.text}\n`,
  );
  return planned.exit;
}
