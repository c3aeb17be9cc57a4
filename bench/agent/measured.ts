/** The agent that is measured, alone in its process: the ordinary one, with its last assignment on disk and no aggregator. */
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import { startAgent } from '../../probes/agent.ts';

export type Order = {
  readonly stateDir: string;
  readonly ca: string | null;
  readonly warmUpMs: number;
  readonly measureMs: number;
};
export type Spent = {
  /** From the start of the process until the agent ran. */
  readonly startedAfterMs: number;

  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly fromMs: number;
  readonly toMs: number;
};

async function main(order: Order): Promise<void> {
  const clock = systemClock();
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
    },
    { clock, random: seededRandom(1), log: silent },
  );
  const startedAfterMs = 1_000 * process.uptime();
  clock.after(order.warmUpMs, () => {
    const before = process.cpuUsage();
    const fromMs = clock.nowMs();
    clock.after(order.measureMs, async () => {
      const { user, system } = process.cpuUsage(before);
      const spent: Spent = {
        startedAfterMs,
        cpuMs: (user + system) / 1_000,
        rssBytes: process.memoryUsage.rss(),
        fromMs,
        toMs: clock.nowMs(),
      };
      await agent.stop();
      process.send?.(spent, () => process.disconnect());
    });
  });
}

process.once('message', (order) => void main(order as Order));
