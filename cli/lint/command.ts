/** `blackstart lint`: reads the options, plays, prints. */
import { sleep } from '../../contract/clock.ts';
import type { Status } from '../../contract/verdict.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Io } from '../io.ts';
import { show } from '../lab/show.ts';
import { optionReader, type Reader } from '../options.ts';
import { painter } from '../table.ts';
import { linted, type Question } from './answer.ts';
import { connectedVantages } from './fleet.ts';
import { readIncident } from './incident.ts';
import { textOf } from './say.ts';

export type LintOptions = {
  readonly scenario?: string;
  readonly aggregator?: readonly string[];
  readonly tokenFile?: string;
  readonly incident?: string;
  readonly every?: string;
  readonly runs: string;
  readonly seed: string;
  readonly json?: boolean;
};

/** `fail` when an objective cannot do what it says. Throws `Mistakes`, of the scenario's or of the options'. */
export async function lintCommand(options: LintOptions, io: Io): Promise<Status> {
  const question = await questionOf(options, io);
  const screen = show(io.stderr, io.stderr.isTTY === true && options.json !== true, io.clock);
  const answer = await linted(question, async (objective) => {
    screen.progress(`played ${objective}`);
    // Lets Ctrl-C through.
    await sleep(io.clock, 0, io.signal);
  });
  screen.progress('');
  io.stdout.write(options.json === true ? `${JSON.stringify(answer, null, 2)}\n` : textOf(answer, painter(io.colour)));
  return answer.status;
}

async function questionOf(options: LintOptions, io: Io): Promise<Question> {
  const reader = optionReader();
  const file = reader.required('--scenario', options.scenario, 'a scenario file');
  const runs = reader.whole('--runs', options.runs, { from: 1, to: 10_000 });
  const seed = reader.whole('--seed', options.seed, { from: 0, to: 4_294_967_295 });
  const intervalsMs = options.every === undefined ? null : intervalsOf(options.every, reader);
  const urls = options.aggregator === undefined ? [] : reader.urls('--aggregator', options.aggregator);
  const token = reader.secret('--token-file', options.tokenFile);
  reader.check();
  const scenario = await loadScenario(file);
  const incident = options.incident === undefined ? null : readIncident(options.incident, scenario, reader);
  reader.check();
  const vantages = urls.length === 0 ? null : await connectedVantages(urls, token, io);
  return { scenario, vantages, intervalsMs, incident, runs, seed, nowMs: io.clock.nowMs() };
}

/** Each once, as they were given. */
function intervalsOf(text: string, reader: Reader): readonly number[] {
  const allowed = { fromMs: 100, toMs: 86_400_000 };
  return [...new Set(text.split(',').map((one) => reader.durationMs('--every', one.trim(), allowed)))];
}
