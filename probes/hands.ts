/** What makes the attempts of an agent, with all that it needs around them: in this thread, or in several others. */
import type { RegionAddresses } from '../contract/check.ts';
import { type Cancel, type Clock, every, loopActiveMs } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Environment } from './environment.ts';
import { farewell } from './farewell.ts';
import { admission } from './overload.ts';
import { type PlanRunner, planRunner } from './plans.ts';
import { punctual } from './punctual.ts';
import { qualityWatch } from './quality.ts';
import type { Unnumbered } from './record.ts';
import { regionIndex } from './regions.ts';
import type { AttemptTracing } from './tracing.ts';
import type { Wheel } from './wheel.ts';

export type Hands = PlanRunner & {
  /** Whose address is whose, from now on. */
  assignRegions(regions: RegionAddresses): void;
  /** Of the rounds that are due, the share that is begun: less than 1 while there is more work than time. */
  readonly admittedShare: number;
};

export type HandsDeps = {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly log: Log;
  readonly vantage: string;
  readonly environment: Environment;
  readonly onResult: (result: Unnumbered) => void;
  /** Called when the last attempt that ran has ended. */
  readonly onQuiet: () => void;
  readonly tracing?: AttemptTracing | undefined;
};

const refreshRegionsMs = 30_000;

/** Those of this thread. */
export function ownHands(deps: HandsDeps): Hands {
  const { clock, wheel, log, environment } = deps;
  const stopping = new AbortController();
  const regions = regionIndex(environment.resolver);
  const quality = qualityWatch(clock, log, wheel);
  const leaving = farewell();
  const dialer = punctual(environment.dialer, wheel);
  const overload = admission(loopActiveMs);
  const cancelOverload: Cancel = wheel.onTurn(overload.heard);
  // Where attempts are under way all the time it is never quiet.
  const cancelLeaving: Cancel = wheel.onTurn(leaving.close);
  const runner = planRunner({
    ...deps,
    admission: overload,
    context: { clock, ...environment, dialer, regionOf: regions.regionOf, letGo: leaving.letGo },
    quality,
    onQuiet() {
      leaving.close();
      deps.onQuiet();
    },
  });
  const refresh = (): Promise<void> => regions.refresh(stopping.signal, clock);
  const refreshFailed = (error: unknown): void => log.error({ error: String(error) }, 'regions could not be resolved');
  const cancelRefresh: Cancel = every(clock, refreshRegionsMs, refresh, refreshFailed);
  return {
    reconcile: runner.reconcile,
    throughMs: runner.throughMs,
    get running() {
      return runner.running;
    },
    get admittedShare() {
      return overload.share;
    },
    assignRegions(addresses) {
      regions.assign(addresses);
      refresh().catch(refreshFailed);
    },
    async stop(graceMs) {
      cancelRefresh();
      await runner.stop(graceMs);
      stopping.abort();
      quality.stop();
      cancelOverload();
      cancelLeaving();
      leaving.close();
      environment.sockets.close();
    },
  };
}
