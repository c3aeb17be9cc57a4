/** One probe of one target as a module asks for it: what the files of `series/` are given and give back. */
import type { ProbeContext } from '../prober.ts';
import { type Chosen, chooseAddress, type Lookup, type Wish } from './choose.ts';
import type { Module } from './config/module.ts';
import type { Engines } from './engines.ts';
import type { ProbeLog } from './log.ts';
import type { ProbeMetrics } from './metrics.ts';
import type { EnvironmentProxy } from './series/http-proxy.ts';

export type Run = {
  readonly metrics: ProbeMetrics;
  readonly log: ProbeLog;
  /** With the probe's own ending, which comes when its time is up. */
  readonly context: ProbeContext;
  readonly lookup: Lookup;
  readonly engines: Engines;
  readonly environmentProxy: EnvironmentProxy;
};

/** Whether the target did well. Sets the series by itself; whatever fails is in the log. Obeys the ending. */
export type ModuleProbe = (target: string, module: Module, run: Run) => Promise<boolean>;

export function choose(host: string, wish: Wish, { metrics, log, lookup, context }: Run): Promise<Chosen> {
  const nowMs = (): number => context.clock.nowMs();
  return chooseAddress(host, wish, {
    metrics,
    log,
    lookup,
    ending: context.ending,
    nowMs,
    named: context.limits?.named,
  });
}
