import { agentApi } from './agent-api.ts';
import type { World } from './world.ts';

/** The designs that the lab can run, by name. */
export const worlds: Readonly<Record<string, World>> = { 'agent-api': agentApi };
