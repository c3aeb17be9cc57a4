import { formatMs } from '../../contract/units.ts';
import type { Measured, Row, Status } from '../../contract/verdict.ts';

/** Of tests of shares: a healthy run does not flake. */
export const alpha = 1e-6;

/** What a criterion is: the parts of its row that no facts change. */
export type Criterion = { readonly id: string; readonly limit: string; readonly evidence: readonly string[] };

export type Finding = { readonly status: Status; readonly because: string; readonly measured?: Measured | null };

/** No design of this world is known to fail: every row is expected to pass. */
export function row({ id, limit, evidence }: Criterion, { status, because, measured }: Finding): Row {
  return { id, status, expected: 'pass', because, measured: measured ?? null, limit, evidence };
}

export function fail(because: string, measured: Measured | null = null): Finding {
  return { status: 'fail', because, measured };
}
export function inconclusive(because: string, measured: Measured | null = null): Finding {
  return { status: 'inconclusive', because, measured };
}
export function pass(because: string, measured: Measured | null = null): Finding {
  return { status: 'pass', because, measured };
}

/** `2 answers`, `1 answer`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

/** `3.10 s to 3.42 s`. */
export function span({ lowerMs, upperMs }: { readonly lowerMs: number; readonly upperMs: number }): string {
  return `${formatMs(lowerMs)} to ${formatMs(upperMs)}`;
}

export function seconds({ lowerMs, upperMs }: { readonly lowerMs: number; readonly upperMs: number }): Measured {
  return { value: (lowerMs + upperMs) / 2_000, lower: lowerMs / 1_000, upper: upperMs / 1_000, unit: 's' };
}

/** How often each key comes, the most frequent first. */
export function tallied(keys: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

export function listed(tally: readonly (readonly [string, number])[]): string {
  return tally.map(([key, count]) => `${key} (${count})`).join(', ');
}
