/** The process as commands see it. Only cli/ reads the environment, and only through here. */
import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { type Clock, type ClockError, systemClock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import { Mistakes } from '../contract/mistake.ts';
import { type Random, seededRandom } from '../contract/random.ts';
import { parseDurationMs } from '../contract/units.ts';
import type { Interrupt } from './interrupt.ts';

export type Output = { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };

export type Io = {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** An `Interrupt`'s. */
  readonly signal: AbortSignal;
  /** Colour and redrawing, on a terminal and unless NO_COLOR says no. */
  readonly colour: boolean;
  close(): void;
};

const logOptions = {
  base: null,
  formatters: { level: (level: string) => ({ level }) },
  timestamp: pino.stdTimeFunctions.isoTime,
};

export function processIo(interrupt: Interrupt): Io {
  // A reader that went away (`| head`) is no reason to leave a region dark.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const clock = systemClock(clockErrorOf(process.env['BLACKSTART_CLOCK']));
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    clock,
    random: seededRandom(randomBytes(4).readUInt32LE()),
    log: stderrLog(),
    signal: interrupt.signal,
    colour: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '',
    close: interrupt.close,
  };
}

/** A log of JSON lines in a file. */
export function fileLog(path: string): Log {
  return pino(logOptions, pino.destination({ dest: path, sync: true, mkdir: true }));
}

function stderrLog(): Log {
  return pino(logOptions, pino.destination({ dest: 2, sync: true }));
}

/** `BLACKSTART_CLOCK=offset=1.7s,drift=-120`: a clock that is off, for rehearsals. Drift in parts per million. */
export function clockErrorOf(text: string | undefined): ClockError | undefined {
  if (text === undefined || text === '') return undefined;
  const match = /^offset=(-?)([0-9a-z.]+),drift=(-?\d+(?:\.\d+)?)$/.exec(text);
  const offsetMs = parseDurationMs(match?.[2] ?? '');
  if (match === null || offsetMs === undefined) {
    throw new Mistakes([
      { place: 'BLACKSTART_CLOCK', got: text, want: 'offset=DURATION,drift=PPM, such as offset=-1.5s,drift=120' },
    ]);
  }
  return { offsetMs: match[1] === '-' ? -offsetMs : offsetMs, driftPpm: Number(match[3]) };
}
