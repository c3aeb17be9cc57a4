#!/usr/bin/env node
/** The way in to the agent alone: bundled as one small file, for places where nothing else is needed. */
import { main } from './process.ts';

await main(['agent', ...process.argv.slice(2)], async () => [() => import('./agent.ts')]);
