/** Durations and shares as people write them, parsed once, at the edge. */
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `"250ms"`, `"30s"`, `"4m"`, `"1h30m"`, `"30d"` to milliseconds; `undefined` for anything else. */
export function parseDurationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    totalMs += Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN);
  }
  return totalMs;
}

/** `"99.9%"` or `0.999` to a ratio in [0, 1]; `undefined` for anything else. */
export function parseRatio(value: string | number): number | undefined {
  const ratio =
    typeof value === 'number' ? value : /^\d+(\.\d+)?%$/.test(value) ? Number(value.slice(0, -1)) / 100 : Number.NaN;
  return ratio >= 0 && ratio <= 1 ? ratio : undefined;
}

/** `1234.5` to `"1.23 s"`, for people. */
export function formatMs(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1) return `${ms.toFixed(2)} ms`;
  if (size < 1_000) return `${ms.toFixed(size < 10 ? 1 : 0)} ms`;
  if (size < 120_000) return `${(ms / 1_000).toFixed(2)} s`;
  if (size < 7_200_000) return `${(ms / 60_000).toFixed(1)} min`;
  return size < 172_800_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 86_400_000).toFixed(1)} d`;
}

/** `0.0123` to `"1.23 %"`, for people. */
export function formatRatio(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.0001 ? 4 : 2)} %`;
}

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** Bytes of `64MiB`, `1.5GB`, `1048576`; `undefined` for anything else. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,3})?) ?([A-Za-z]{0,3})$/.exec(text);
  const unit = byteUnits[match?.[2] ?? '?'];
  return match === null || unit === undefined ? undefined : Math.floor(Number(match[1]) * unit);
}
