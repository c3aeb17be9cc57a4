#!/usr/bin/env node
/** The way in: all commands. */
import { main } from './process.ts';

await main(process.argv.slice(2), async () => (await import('./commands.ts')).commands);
