#!/usr/bin/env node
/** The way in: turns the process into an `Io`, runs one command, and sets the exit code. */
import { exitCodes } from './exit.ts';

// Node announces node:sqlite as experimental on stderr, where a daemon's first line has to be its address.
process.removeAllListeners('warning');

const { processIo } = await import('./io.ts');
const { run } = await import('./program.ts');

const io = processIo();
let code: number;
try {
  code = await run(process.argv.slice(2), io);
} catch (error) {
  io.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  code = exitCodes.bug;
}
process.exitCode = code;
io.close();
