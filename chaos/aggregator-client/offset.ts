import type { ClockAnswer } from '../../contract/api.ts';
import { type Bounds, overlap, widthMs } from '../../contract/bounds.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Http } from './http.ts';

const exchanges = 5;

/** Aggregator's clock minus this one, by four time stamps each: what all exchanges agree on, or the narrowest of them. */
export async function offsetOf(http: Http, clock: Clock, signal: AbortSignal): Promise<Bounds> {
  let agreed: Bounds | undefined;
  let narrowest: Bounds | undefined;
  for (let exchange = 0; exchange < exchanges; exchange += 1) {
    const t1 = clock.nowMs();
    const { t2, t3 } = await http.get<ClockAnswer>(`/api/v1/clock?t1=${t1}`, signal);
    const t4 = clock.nowMs();
    // The request took from 0 to the whole round trip: so much is the offset uncertain.
    const bounds = { lowerMs: t3 - t4, upperMs: t2 - t1 };
    if (narrowest === undefined || widthMs(bounds) < widthMs(narrowest)) narrowest = bounds;
    agreed = agreed === undefined ? bounds : (overlap(agreed, bounds) ?? narrowest);
  }
  return agreed ?? { lowerMs: 0, upperMs: 0 };
}
