import type { ListedVerdict } from '../contract/api.ts';
import type { Objective } from '../contract/objective.ts';
import { scheduleId } from '../contract/schedule.ts';
import { exitCodes, exitOfStatus, worstExit } from './exit.ts';
import { gathered, optionReader } from './options.ts';
import type { Register } from './program.ts';
import { painter } from './table.ts';
import { askingOf, momentOption, sinceOption } from './verdicts/ask.ts';
import { doubted } from './verdicts/doubt.ts';
import { explained, utc, verdictTable, worstFirst } from './verdicts/say.ts';
import { type Judged, judgedBy } from './verdicts/scenario.ts';

type Options = {
  readonly aggregator?: readonly string[];
  readonly tokenFile?: string;
  readonly scenario?: string;
  readonly at?: string;
  readonly since?: string;
  readonly json?: boolean;
};

export const register: Register = (program, io, done) => {
  program
    .command('status')
    .description('Verdicts on objectives, worst first; of one objective why, with its slices.')
    .argument('[id]', 'an objective')
    .option('--aggregator <url>', 'where the aggregator listens; of several the first that answers', gathered)
    .option('--token-file <file>', 'its token, where reading needs one')
    .option('--scenario <file>', 'only the objectives of this scenario; one that the aggregator does not have is told')
    .option('--at <time>', 'as of a past moment, such as 2026-12-01T10:00:00Z')
    .option('--since <duration>', 'over the time since, in place of the window of the objective: 10m, or a moment')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExamples: blackstart status --aggregator https://blackstart.example:9400\n          blackstart status availability --aggregator https://blackstart.example:9400 --at 2026-12-01T10:00:00Z',
    )
    .action(async (id: string | undefined, options: Options) => {
      const reader = optionReader();
      reader.required('--aggregator', (options.aggregator ?? []).join(','), 'the URL of the aggregator');
      const urls = options.aggregator === undefined ? [] : reader.urls('--aggregator', options.aggregator);
      const token = reader.secret('--token-file', options.tokenFile);
      const at = momentOption(reader, '--at', options.at);
      const since = sinceOption(reader, options.since);
      reader.check();
      const own = await judgedBy(options.scenario, id === undefined ? [] : [id]);
      const asking = askingOf(urls, token, io);
      const query = { ...(at && { at }), ...(since && { since }) };
      // Of a past moment no age is too great.
      const nowMs = async (): Promise<number | null> => (at === undefined ? asking.nowMs(io.signal) : null);
      const paint = painter(io.colour);
      const print = (document: object, text: string): void =>
        void io.stdout.write(options.json === true ? `${JSON.stringify(document, null, 2)}\n` : `${text}\n`);
      if (id !== undefined) {
        const answer = doubted(await asking.one(id, query, io.signal), await nowMs());
        print(answer, explained(answer, paint));
        return done(exitOfStatus(answer.status));
      }
      const { verdicts } = await asking.all(query, io.signal);
      // Whether a drill is overdue is known of now alone.
      const isNow = at === undefined && since === undefined;
      const wanted = own === null || isNow ? own : { ...own, scheduled: [] };
      const found = wanted === null ? verdicts : ofScenario(wanted, verdicts, io.clock.nowMs());
      const atMs = await nowMs();
      const shown = found.map((verdict) => doubted(verdict, atMs));
      print(
        { verdicts: worstFirst(shown) },
        shown.length === 0 ? nothing : `${verdictTable(shown, paint)}\n${summary(shown)}`,
      );
      // Where nothing is judged nothing is well.
      done(shown.length === 0 ? exitCodes.inconclusive : worstExit(shown.map(({ status }) => exitOfStatus(status))));
    });
};

const nothing = 'no objectives: nothing is judged (objectives in a scenario say what good is)';

/** What the aggregator does not judge is not known: it runs with another scenario, or an older one. */
function ofScenario(
  { objectives, scheduled }: Judged,
  verdicts: readonly ListedVerdict[],
  nowMs: number,
): readonly ListedVerdict[] {
  const known = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  return [
    ...objectives.map((objective) => known.get(objective.id) ?? unknown(objective, nowMs)),
    ...scheduled.map((name) => known.get(scheduleId(name)) ?? unannounced(name, nowMs)),
  ];
}

function unknown({ id, indicator }: Objective, atMs: number): ListedVerdict {
  const because =
    'the aggregator has no objective of that id: it was started with another scenario, or has to reload it';
  const target = 'targetMs' in indicator ? indicator.targetMs : indicator.target;
  const none = { measured: null, n: 0, interval: null, needed: null, missing: 0, final: false } as const;
  return { id, status: 'inconclusive', because, target, at: atMs, indicator: indicator.kind, ...none };
}

/** A drill that nobody runs is not known to be in time. */
function unannounced(name: string, atMs: number): ListedVerdict {
  const because = `the aggregator knows no schedule of drill ${name}: "drill serve" has never told it`;
  const none = { measured: null, n: 0, interval: null, needed: null, missing: 0, final: false } as const;
  return { id: scheduleId(name), status: 'inconclusive', because, target: 1, at: atMs, ...none };
}

function summary(verdicts: readonly ListedVerdict[]): string {
  const count = (of: ListedVerdict['status']): number => verdicts.filter(({ status }) => status === of).length;
  const newestMs = Math.max(...verdicts.map(({ at }) => at));
  return `${count('fail')} fail, ${count('inconclusive')} inconclusive, ${count('pass')} pass, as of ${utc(newestMs)}`;
}
