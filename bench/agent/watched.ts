/** Targets that are asked, and what is spent and seen meanwhile. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from '../../contract/clock.ts';
import type { Spent } from '../aggregator/orders.ts';
import { canCapture, capture } from './capture.ts';
import type { Kind } from './kinds.ts';
import { pinned } from './own.ts';
import type { Arrivals, Asking, Serving } from './targets.ts';

const clock = systemClock();

/** On what, when and for how long it is measured. */
export function heading(seconds: string, warmUpSeconds: string): string {
  const processors = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  const day = new Date(clock.wallMs()).toISOString().slice(0, 10);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${processors}, Node ${process.version}, ${day}, ${seconds} s each after ${warmUpSeconds} s, load ${load}\n`;
}

export type Fleet = Serving & {
  readonly kind: Kind['name'];
  forget(): void;
  tell(): Promise<Arrivals>;
  stop(): void;
};

/** On the second core. */
export async function serve(kind: Kind, count: number): Promise<Fleet> {
  const file = join(import.meta.dirname, 'targets.ts');
  const child: ChildProcess = fork(file, [kind.name, String(count)], pinned(1));
  const [serving] = (await once(child, 'message')) as [Serving];
  return {
    ...serving,
    kind: kind.name,
    forget: () => child.send('forget' satisfies Asking),
    async tell() {
      child.send('tell' satisfies Asking);
      const [arrivals] = (await once(child, 'message')) as [Arrivals];
      return arrivals;
    },
    stop: () => child.disconnect(),
  };
}

export type Window = {
  readonly arrivals: Arrivals;
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly tookMs: number;
};

/** With the arrivals by the kernel's stamps, or as the targets noted them where there are none to be had. */
export type StampedWindow = Window & { readonly stamped: Arrivals };

/** What was spent, and what the targets saw, in a window after the warm-up. */
export async function watch(fleet: Fleet, spent: () => Spent, warmUpMs: number, forMs: number): Promise<Window> {
  await sleep(clock, warmUpMs);
  return during(fleet, spent, forMs);
}

export async function watchStamped(
  fleet: Fleet,
  spent: () => Spent,
  warmUpMs: number,
  forMs: number,
): Promise<StampedWindow> {
  await sleep(clock, warmUpMs);
  if (!canCapture) {
    const window = await during(fleet, spent, forMs);
    return { ...window, stamped: window.arrivals };
  }
  const capturing = await capture(fleet.kind, fleet.port);
  try {
    return { ...(await during(fleet, spent, forMs)), stamped: await capturing.end() };
  } finally {
    await capturing.end();
  }
}

async function during(fleet: Fleet, spent: () => Spent, forMs: number): Promise<Window> {
  fleet.forget();
  const [before, fromMs] = [spent(), clock.nowMs()];
  await sleep(clock, forMs);
  const [after, toMs] = [spent(), clock.nowMs()];
  const arrivals = await fleet.tell();
  return { arrivals, cpuMs: after.cpuMs - before.cpuMs, rssBytes: after.rssBytes, tookMs: toMs - fromMs };
}
