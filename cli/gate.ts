import { parseDurationMs, parseRatio } from '../contract/units.ts';
import { worst } from '../contract/verdict.ts';
import { exitOfStatus } from './exit.ts';
import type { Io } from './io.ts';
import { gathered, optionReader } from './options.ts';
import type { Register } from './program.ts';
import { painter, table } from './table.ts';
import { askingOf, sinceOption } from './verdicts/ask.ts';
import type { Decision } from './verdicts/decide.ts';
import { utc, worstFirst } from './verdicts/say.ts';
import { objectivesIn } from './verdicts/scenario.ts';
import { type Gated, gated } from './verdicts/wait.ts';

type Options = {
  readonly objective?: readonly string[];
  readonly since: string;
  readonly target?: string;
  readonly wait: string;
  readonly aggregator?: readonly string[];
  readonly tokenFile?: string;
  readonly scenario?: string;
  readonly json?: boolean;
};

const dayMs = 86_400_000;

export const register: Register = (program, io, done) => {
  program
    .command('gate')
    .description('What objectives say of the last minutes, as an exit code: 0 pass, 1 fail, 3 not known.')
    .option('--objective <id>', 'the objective to ask; each of several (again, or with commas)', gathered)
    .option('--since <duration>', 'over the time since: 10m, or the moment of a rollout, 2026-12-01T10:00:00Z', '10m')
    .option('--target <target>', 'ask for this in place of what the objective wants: 95%, or of a quantile 300ms')
    .option('--wait <duration>', 'while it is inconclusive, look again for so long', '0s')
    .option('--aggregator <url>', 'where the aggregator listens; of several the first that answers', gathered)
    .option('--token-file <file>', 'its token, where reading needs one')
    .option('--scenario <file>', 'the scenario that has the objective: one that it has not is a mistake')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample: blackstart gate --objective availability --since 10m --target 95% --wait 15m --aggregator https://blackstart.example:9400',
    )
    .action(async (options: Options) => {
      const reader = optionReader();
      const ids = [...new Set((options.objective ?? []).flatMap((text) => text.split(',')))].filter((id) => id !== '');
      reader.required('--objective', ids.join(','), 'the id of an objective');
      reader.required('--aggregator', (options.aggregator ?? []).join(','), 'the URL of the aggregator');
      const urls = options.aggregator === undefined ? [] : reader.urls('--aggregator', options.aggregator);
      const token = reader.secret('--token-file', options.tokenFile);
      const since = sinceOption(reader, options.since);
      const waitMs = reader.durationMs('--wait', options.wait, { fromMs: 0, toMs: dayMs });
      const { target } = options;
      if (target !== undefined && parseDurationMs(target) === undefined && parseRatio(target) === undefined)
        reader.mistake({
          place: '--target',
          got: JSON.stringify(target),
          want: 'a share, such as 95%, or a duration, such as 300ms',
        });
      reader.check();
      await objectivesIn(options.scenario, ids);
      const query = { ...(since && { since }), ...(target && { target }) };
      const asking = askingOf(urls, token, io);
      const deps = { asking, clock: io.clock, signal: io.signal, onOpen: progressOf(io, waitMs) };
      const found = await Promise.all(
        ids.map((id) => gated({ id, query, waitMs, lookEveryMs: lookEveryMs(waitMs) }, deps)),
      );
      const status = worst(found.map((one) => one.status));
      io.stdout.write(options.json === true ? `${JSON.stringify(documentOf(found), null, 2)}\n` : textOf(found, io));
      done(exitOfStatus(status));
    });
};

/** Slices are ten seconds wide: more often shows little more. */
function lookEveryMs(waitMs: number): number {
  return Math.min(10_000, Math.max(500, waitMs / 20));
}

/** A line now and then for each objective that is waited for. */
function progressOf(io: Io, waitMs: number): (id: string, decision: Decision) => void {
  const untilMs = io.clock.nowMs() + waitMs;
  const saidMs = new Map<string, number>();
  return (id, { because }) => {
    const nowMs = io.clock.nowMs();
    if (nowMs - (saidMs.get(id) ?? Number.NEGATIVE_INFINITY) < sayEveryMs) return;
    saidMs.set(id, nowMs);
    io.stderr.write(`${id}: ${because}; looking again for ${Math.ceil((untilMs - nowMs) / 1_000)} s at most\n`);
  };
}

const sayEveryMs = 30_000;

function documentOf(found: readonly Gated[]): object {
  const ordered = worstFirst(found);
  return { status: worst(found.map(({ status }) => status)), because: ordered[0]?.because ?? '', objectives: ordered };
}

function textOf(found: readonly Gated[], io: Io): string {
  const paint = painter(io.colour);
  const styles = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;
  const rows = worstFirst(found).map(({ id, status, because, answer }) => [
    paint(status.padEnd('inconclusive'.length), styles[status]),
    id,
    `${because}${answer === null ? '' : ` (${utc(answer.window.fromMs)} to ${utc(answer.window.toMs)})`}`,
  ]);
  return `${table(rows)}\n`;
}
