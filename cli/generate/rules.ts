/** `generate rules`: a scenario as rules for Prometheus with their tests, and who is told of what. */
import { join } from 'node:path';
import type { RulesOptions } from '../../aggregator/artefacts/options.ts';
import { objectivesOf } from '../../scenarios/compile.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { exitCodes } from '../exit.ts';
import type { Io } from '../io.ts';
import { optionReader } from '../options.ts';
import { version } from '../version.ts';
import { written } from './written.ts';

export type RulesFlags = {
  readonly scenario?: string;
  readonly out: string;
  readonly aggregator?: string;
  readonly runbooks?: string;
  readonly job?: string;
  readonly json?: boolean;
};

export async function rulesCommand(flags: RulesFlags, io: Io): Promise<number> {
  const reader = optionReader();
  const file = reader.required('--scenario', flags.scenario, 'a scenario file');
  const out = reader.folder('--out', flags.out);
  const aggregator = reader.url('--aggregator', flags.aggregator);
  const runbooks = reader.url('--runbooks', flags.runbooks);
  if (runbooks !== null && /[?#]/.test(runbooks.href))
    reader.mistake({
      place: '--runbooks',
      got: JSON.stringify(flags.runbooks),
      want: 'a URL without ? and #: the names of pages are put behind its path',
    });
  if (flags.job === '') reader.mistake({ place: '--job', got: 'an empty name', want: 'the job_name of a scrape' });
  reader.check();
  const { loadScenario } = await import('../../scenarios/load.ts');
  const scenario = await loadScenario(file);
  const { rulesArtefacts } = await import('../../aggregator/artefacts/rules.ts');
  const { files, without } = rulesArtefacts(
    rulesOptionsOf(scenario, {
      runbooksUrl: runbooks?.href ?? null,
      aggregatorUrl: aggregator?.href ?? null,
      job: flags.job ?? null,
    }),
  );
  const paths = written(out, files);
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ out, files: paths, without }, null, 2)}\n`);
  else {
    io.stdout.write(`${paths.map((path) => join(out, path)).join('\n')}\n`);
    io.stderr.write(without.map(({ id, because }) => `${id}: ${because}\n`).join(''));
  }
  return exitCodes.pass;
}

export function rulesOptionsOf(
  scenario: Scenario,
  where: Pick<RulesOptions, 'runbooksUrl' | 'aggregatorUrl' | 'job'>,
): RulesOptions {
  return {
    service: scenario.service,
    prefix: scenario.metricsPrefix,
    regions: Object.keys(scenario.regions),
    objectives: objectivesOf(scenario),
    version,
    ...where,
  };
}
