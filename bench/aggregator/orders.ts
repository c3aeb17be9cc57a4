/** What a measured process says of itself, and when it ends. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export type Order = { readonly type: 'spent' } | { readonly type: 'stop' };
export type Spent = {
  /** Of all threads, since the process began. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** How long the event loop stood still since the last question: the longest, and all but one in a hundred turns. */
  readonly pauseMs: number;
  readonly pauseP99Ms: number;
};

const resolutionMs = 1;

export function answerOrders(url: string, stop: () => Promise<void>): void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  process.on('message', (order: Order) => {
    if (order.type === 'stop') {
      void stop().then(() => process.disconnect());
      return;
    }
    const { user, system } = process.cpuUsage();
    process.send?.({
      cpuMs: (user + system) / 1_000,
      rssBytes: process.memoryUsage().rss,
      pauseMs: delay.max / 1_000_000,
      pauseP99Ms: delay.percentile(99) / 1_000_000,
    } satisfies Spent);
    delay.reset();
  });
  process.send?.({ url });
}
