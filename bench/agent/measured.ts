/** The agent that is measured, alone in its process: the ordinary one, with its last assignment on disk and no aggregator. */
import { tuneV8 } from '../../cli/v8.ts';
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import { startAgent } from '../../probes/agent.ts';

export type Order = {
  readonly stateDir: string;
  readonly ca: string | null;
  /** In which to probe. */
  readonly threads: number;
};
/** From the start of the process until the agent ran. */
export type Started = { readonly startedAfterMs: number };

tuneV8();

async function main(order: Order): Promise<void> {
  const agent = await startAgent(
    {
      agent: 'bench',
      vantage: 'bench',
      region: 'bench',
      version: 'bench',
      aggregator: null,
      token: null,
      ca: order.ca,
      resolver: { host: '127.0.0.1', port: 53 },
      sourceAddress: null,
      stateDir: order.stateDir,
      listen: null,
      ledgerFile: null,
      threads: order.threads,
    },
    { clock: systemClock(), random: seededRandom(1), log: silent },
  );
  process.send?.({ startedAfterMs: 1_000 * process.uptime() } satisfies Started);
  process.once('message', async () => {
    await agent.stop();
    process.disconnect();
  });
}

process.once('disconnect', () => process.exit(0));
process.once('message', (order) => void main(order as Order));
