/** A k6 that runs: what it tells is read as it comes, and it is ended by its own id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { lineReader, loadSeries, pointOf, type RunningLoad, summaryOf } from '../../chaos/load.ts';
import type { Clock } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import type { LoadFacts } from '../../contract/load.ts';
import { errorLog } from './errors.ts';

export type K6Run = {
  readonly file: string;
  readonly argv: readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly summaryFile: string;
  /** It is asked to end when it has run for so long. */
  readonly boundMs: number;
  readonly about: Pick<LoadFacts, 'program' | 'script' | 'wanted'>;
  /** After its end, once. */
  readonly onEnd: (facts: LoadFacts) => void;
};

/** k6 needs a moment for teardown and summary. */
export const graceMs = 10_000;
/** What it leaves of its output when it was killed is not waited for longer. */
const remainsMs = 2_000;
const mostSummaryBytes = 10_000_000;

/**
 * Its requests are told on stdout, which is a pipe to here: when this process is killed, k6 dies with the next thing that
 * it tells. Everything is read as it comes, and only sums of it are kept.
 */
export function startK6(run: K6Run, clock: Clock): RunningLoad {
  const [series, errors] = [loadSeries(), errorLog()];
  const startedMs = clock.nowMs();
  let ended: LoadFacts['ended'] = 'itself';
  let over: LoadFacts | null = null;
  // A group of its own: Ctrl-C at a terminal reaches us alone, and the drill ends it in order.
  const child = spawn(run.file, run.argv, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...run.env } });
  child.stdout.setEncoding('utf8').on(
    'data',
    lineReader((line) => {
      const point = pointOf(line);
      if (point !== null) series.note(point, clock.nowMs());
    }),
  );
  child.stderr.setEncoding('utf8').on('data', lineReader(errors.line));
  const cancelBound = clock.after(run.boundMs, () => void end());
  const gone = endOf(child, clock, errors.line).then((exitCode): LoadFacts => {
    cancelBound();
    over = {
      ...run.about,
      startedMs,
      endedMs: clock.nowMs(),
      exitCode,
      ended,
      thrown: errors.thrown(),
      summary: summaryIn(run.summaryFile),
      ...series.read(),
      said: errors.said(),
    };
    run.onEnd(over);
    return over;
  });

  async function end(): Promise<LoadFacts> {
    if (over !== null || ended !== 'itself') return gone;
    ended = 'asked';
    child.kill('SIGINT');
    const cancel = clock.after(graceMs, () => {
      ended = 'killed';
      killGroup(child);
    });
    return gone.finally(cancel);
  }
  return { began: () => series.seen() > 0, over: () => over, end };
}

/** Its exit code when all that it told was read; `null` where a signal ended it, or it could not be started. */
function endOf(child: ChildProcess, clock: Clock, tell: (line: string) => void): Promise<number | null> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      tell(messageOf(error));
      if (child.pid === undefined) resolve(null);
    });
    // Something that it left behind may hold its pipes open.
    child.on('exit', (code) => {
      const cancel = clock.after(remainsMs, () => resolve(code));
      child.on('close', cancel);
    });
    child.on('close', (code) => resolve(code));
  });
}

/** With whatever it started, where it is a script around k6. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended just now.
  }
}

function summaryIn(file: string): LoadFacts['summary'] {
  try {
    return statSync(file).size > mostSummaryBytes ? null : summaryOf(readFileSync(file, 'utf8'));
  } catch {
    return null; // It was killed, or never came so far.
  }
}
