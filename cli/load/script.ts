/** A load's script: where it is, and what it is told. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deadlineMsOf } from '../../chaos/guard/deadline.ts';
import { Mistakes } from '../../contract/mistake.ts';
import { type LoadPlan, ownScripts } from '../../scenarios/load-plan.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';

declare const blackstartVersion: string | undefined;

/** Beside the parts of the bundle; in a checkout with the scenarios. */
const ownFolder = fileURLToPath(
  new URL(typeof blackstartVersion === 'string' ? './load/' : '../../scenarios/load/', import.meta.url),
);
/** What our three scripts import. */
const shared = 'users.ts';

export type Script = {
  readonly file: string;
  /** Whether it comes with us. */
  readonly own: boolean;
  /** All that has to be beside it where it runs, itself first. */
  readonly files: readonly string[];
};

/** `scenarioFile`: paths are seen from its folder. Throws `Mistakes` where there is none. */
export function scriptOf({ script }: LoadPlan, scenarioFile: string): Script {
  if ((ownScripts as readonly string[]).includes(script)) {
    const file = join(ownFolder, script);
    return { file, own: true, files: [file, join(ownFolder, shared)] };
  }
  const file = besideScenario(script, scenarioFile);
  if (!existsSync(file)) {
    const want = `a script, or one of ${ownScripts.join(', ')}`;
    throw new Mistakes([{ place: 'load.script', got: `${file}, which is not there`, want }]);
  }
  return { file, own: false, files: [file] };
}

export function besideScenario(path: string, scenarioFile: string): string {
  return isAbsolute(path) ? path : resolve(dirname(scenarioFile), path);
}

/** After a drill's own deadline it fails back; this is for that, and for all before the injection. */
const aroundMs = 60_000;

/** How long a load goes on at most. */
export function loadForMs(plan: LoadPlan, drill: DrillPlan): number {
  const backMs = Math.max(...drill.expect.map(({ failbackMs }) => failbackMs));
  return plan.forMs ?? deadlineMsOf(drill) + backMs + aroundMs;
}

/** The variables that the script reads. */
export function scriptEnvironment(plan: LoadPlan, scenario: Scenario, forMs: number): Readonly<Record<string, string>> {
  return {
    ...plan.env,
    TARGET: (scenario.entry[plan.entry] ?? '').replace(/\/+$/, ''),
    TARGET_PATH: plan.path,
    USERS: String(plan.users),
    ...(plan.ratePerSecond === null ? {} : { RATE: String(plan.ratePerSecond) }),
    FOR: `${Math.ceil(forMs / 1_000)}s`,
  };
}
