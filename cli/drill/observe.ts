import { observe } from '../../chaos/observe.ts';
import type { Io } from '../io.ts';
import { optionReader } from '../options.ts';
import { version } from '../version.ts';
import { chosenDrill, type DrillFlags, given, runnerDeps } from './options.ts';
import { tell } from './run.ts';
import { traceable, traceDrill } from './trace.ts';

/** Between two attempts of the burst, where no drill of the scenario says. */
const burstEveryMs = 250;
const longestMs = 24 * 3_600_000;

/** The stopwatch alone: for a failover that somebody or something else causes. */
export async function observeCommand(name: string | undefined, flags: DrillFlags, io: Io): Promise<number> {
  const { scenario, urls, token } = await given(flags, { fleet: true });
  const reader = optionReader();
  const limitMs = reader.durationMs('--for', flags.for ?? '30m', { fromMs: 1_000, toMs: longestMs });
  reader.check();
  traceable(io);
  const drill = name === undefined ? null : chosenDrill(scenario, name);
  const deps = await runnerDeps(flags, { scenario, urls, token }, io);
  const everyMs = drill?.burst.everyMs ?? scenario.drills[0]?.burst.everyMs ?? burstEveryMs;
  const outcome = await observe(
    { scenario, drill, burstEveryMs: everyMs, limitMs, evidenceDir: flags.evidence, version },
    deps,
  );
  deps.zone?.close();
  tell(outcome, flags, io);
  await traceDrill(outcome, io);
  return outcome.exit;
}
