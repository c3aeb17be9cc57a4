/** The command line: one file a command. */
import { Command, CommanderError } from 'commander';
import { exitCodes, failureOf } from './exit.ts';
import type { Io } from './io.ts';

/** A command adds itself to the program and calls `done` with its exit code. */
export type Register = (program: Command, io: Io, done: (code: number) => void) => void;

export type Load = () => Promise<{ readonly register: Register }>;

/** Runs one command. Resolves with the exit code of INTERFACES; rejects only for bugs of ours. */
export async function run(argv: readonly string[], io: Io, commands: readonly Load[]): Promise<number> {
  let code: number = exitCodes.pass;
  const program = new Command('blackstart')
    .description(
      'Takes a region of your service dark on purpose, times how long your users were in the dark, and brings it back.',
    )
    .version(await ownVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(--help shows what is allowed)');
  for (const load of commands) {
    const { register } = await load();
    register(program, io, (value) => {
      code = value;
    });
  }
  for (const command of everyCommand(program)) command.exitOverride().configureOutput(program.configureOutput());
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.pass : exitCodes.usage;
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    io.stderr.write(`${failure.text}\n`);
    return failure.code;
  }
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

async function ownVersion(): Promise<string> {
  const { version } = await import('./version.ts');
  return version;
}
