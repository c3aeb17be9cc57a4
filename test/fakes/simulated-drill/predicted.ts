/** What may be known of a simulated drill before it runs, as the runner would have it from zone, cluster and past drills. */
import type { PredictionInput } from '../../../chaos/predict.ts';
import type { Settings } from './settings.ts';

export function predictionInputFor(settings: Settings, way: PredictionInput['way'], seed: number): PredictionInput {
  const { checkEveryMs, threshold, mode, ttlSeconds, graceMs, publishMs, burstEveryMs, attemptMs } = settings;
  const away = way === 'failover';
  return {
    way,
    check: { kind: 'over-http', everyMs: checkEveryMs, threshold, checkers: 16 },
    leaves: true,
    mode,
    ttlMs: ttlSeconds * 1_000,
    ttlOf: 'record',
    copies: [],
    drain: [away ? { fromMs: 0, toMs: 100 } : { fromMs: 50, toMs: 550 }],
    serving: [{ fromMs: 0, toMs: away ? graceMs : 0 }],
    filling: away ? [] : [{ fromMs: graceMs, toMs: graceMs }],
    pods: null,
    targets: [],
    needs: 'either',
    publish: [{ fromMs: 0, toMs: publishMs }],
    look: { fromMs: 0, toMs: 0 },
    nameservers: 4,
    burstEveryMs,
    statusEveryMs: 1_000,
    endpointsEveryMs: 300,
    holdMs: 10_000,
    attemptMs,
    failMs: mode === 'black-hole' || mode === 'hung' ? 3_000 : attemptMs,
    seed,
  };
}

/** Strays, flaps and holes in the record are what nobody can know before. Names that cannot move have nothing to predict. */
export function isUndisturbed({ kind, cutShort, strayRatio, flaps, missingRatio }: Settings): boolean {
  return kind === 'plain' && !cutShort && strayRatio < 0.01 && flaps === 0 && missingRatio < 0.1;
}
