/** Turns the process into an `Io`, runs one command, and sets the exit code. */
import { listenForInterrupt } from './interrupt.ts';
import type { Load } from './program.ts';

export async function main(argv: readonly string[], commands: () => Promise<readonly Load[]>): Promise<void> {
  const interrupt = listenForInterrupt();
  // Node announces node:sqlite as experimental on stderr, where a daemon's first line has to be its address. Modules
  // that use it are loaded after this.
  process.removeAllListeners('warning');
  const { exitCodes } = await import('./exit.ts');
  const { processIo } = await import('./io.ts');
  const { run } = await import('./program.ts');
  const io = processIo(interrupt);
  try {
    process.exitCode = await run(argv, io, await commands());
  } catch (error) {
    io.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exitCodes.bug;
  }
  io.close();
  // What was written goes out first; then nothing that a library left open holds the process up.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
  );
  process.exit();
}
