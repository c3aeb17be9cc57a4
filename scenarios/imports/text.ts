/** Numbers as a scenario writes them, so that reading them gives the same numbers. */
import { parseDurationMs, parseRatio } from '../../contract/units.ts';

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `90000` to `90s`, `86400000` to `1d`. */
export function durationText(ms: number): string {
  const [unit = 'ms', unitMs = 1] = units.find(([, size]) => ms >= size && ms % size === 0) ?? [];
  const text = `${ms / unitMs}${unit}`;
  return parseDurationMs(text) === ms ? text : `${ms.toFixed(9).replace(/\.?0+$/, '')}ms`;
}

/** `0.999` to `99.9%`; a share that percents cannot say stays a number. */
export function shareText(share: number): string | number {
  const text = `${Number((share * 100).toPrecision(12))}%`;
  const back = parseRatio(text);
  return back !== undefined && Number(back.toFixed(9)) === share ? text : share;
}

/** `0.95` to `p95`. */
export function percentileText(quantile: number): string {
  return `p${Number((quantile * 100).toPrecision(10))}`;
}
