/** The command line in this process: quick, and as the program runs it but for what only a process has. */

import { commands } from '../../cli/commands.ts';
import type { Io } from '../../cli/io.ts';
import { run } from '../../cli/program.ts';
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';

export type Said = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** What a command sees of its process, and what it has printed so far. */
export function spokenTo(env: Io['env'] = {}): { readonly io: Io; readonly text: Omit<Said, 'code'> } {
  const text = { stdout: '', stderr: '' };
  const io: Io = {
    stdout: { write: (more) => (text.stdout += more) },
    stderr: { write: (more) => (text.stderr += more) },
    env,
    clock: systemClock(),
    random: seededRandom(1),
    log: silent,
    signal: new AbortController().signal,
    colour: false,
    close: () => undefined,
  };
  return { io, text };
}

/** Runs one command to its end. `env` is all that it sees of an environment. */
export async function command(argv: readonly string[], env: Io['env'] = {}): Promise<Said> {
  const { io, text } = spokenTo(env);
  const code = await run(argv, io, commands);
  return { code, ...text };
}

/** The lines of what was printed. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
