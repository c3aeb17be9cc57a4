/** An agent in a process of its own, so that a test can kill it: options as JSON in the first argument. */
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import { type AgentOptions, startAgent } from '../../probes/agent.ts';

/** What to fork. */
export const agentProgram = import.meta.filename;

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as Omit<AgentOptions, 'aggregator'> & { aggregator: string };
  await startAgent(
    { ...options, aggregator: new URL(options.aggregator) },
    { clock: systemClock(), random: seededRandom(1), log: silent },
  );
  process.once('disconnect', () => process.exit(0));
}

if (process.argv[1] === import.meta.filename) await main();
