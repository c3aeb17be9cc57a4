/** Bounds as people read them. */
import { type Bounds, widthMs } from '../../contract/bounds.ts';
import type { LostSpan } from '../../contract/canaries.ts';
import type { Outage, Quantiles, Verified } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';

/** `3.12 s ± 0.10 s` where that says enough, `0.80 s to 3.10 s` where the width is a good part of the value. */
export function shownBounds(bounds: Bounds): string {
  const halfMs = widthMs(bounds) / 2;
  const middleMs = bounds.lowerMs + halfMs;
  return halfMs * 4 <= Math.abs(middleMs)
    ? `${formatMs(middleMs)} ± ${formatMs(halfMs)}`
    : `${bounds.lowerMs === 0 ? '0' : formatMs(bounds.lowerMs)} to ${formatMs(bounds.upperMs)}`;
}

/** The time whose writes are lost, with what is not known of it. */
export function shownSpan({ lowerMs, upperMs }: LostSpan): string {
  return upperMs === null
    ? `over ${formatMs(lowerMs)}, and how far back is not known`
    : shownBounds({ lowerMs, upperMs });
}

export function shownQuantiles(quantiles: Quantiles): string {
  return `${formatMs(quantiles.p5)} to ${formatMs(quantiles.p95)}`;
}

/** The length of an outage, with what is not known of it. */
export function shownOutage(outage: Outage): string {
  const { lowerMs, upperMs } = outage.length;
  if (outage.unseen) return upperMs === null ? 'not ended' : `under ${formatMs(upperMs)}: no attempt failed`;
  return upperMs === null ? `over ${formatMs(lowerMs)}, not ended` : shownBounds({ lowerMs, upperMs });
}

const states: { readonly [S in Verified['state']]: string } = {
  'as-it-was': 'as it was',
  changed: 'changed by others',
  left: 'NOT as it was',
  unknown: 'not known',
};

/** Whether something is as it was, in words. */
export function shownState({ state }: Verified): string {
  return states[state];
}
