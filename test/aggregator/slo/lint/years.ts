/** Years of probes of a service that is exactly at its target, and every alarm of its pairs in them. */
import type { Tally } from '../../../../aggregator/slo/account.ts';
import { type BurnPair, burning } from '../../../../aggregator/slo/burn.ts';
import type { Random } from '../../../../contract/random.ts';
import type { Span } from '../../../../contract/slo/spans.ts';

export type Service = {
  readonly target: number;
  readonly stepMs: number;
  /** Failures come in outages of so many probes each; 1: independently. */
  readonly burst: number;
};

export type Alarms = {
  /** So often it began to fire. */
  readonly began: number;
  /** The share of all looks at which it fired; one after each probe. */
  readonly share: number;
};

const yearMs = 365.2425 * 86_400_000;

/** The probes that fail in so many years, by their number. */
export function failures({ target, stepMs, burst }: Service, years: number, random: Random): readonly number[] {
  const probes = Math.floor((years * yearMs) / stepMs);
  const chance = (1 - target) / burst;
  const failed: number[] = [];
  let at = -burst;
  while (at < probes) {
    at += 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-chance));
    // Outages begin independently of each other, and may run into one.
    for (let probe = Math.max(at, (failed.at(-1) ?? -1) + 1); probe < Math.min(probes, at + burst); probe += 1)
      failed.push(probe);
  }
  return failed;
}

/** Looks with the aggregator's own test after every probe that can change the answer. */
export function alarms(pair: BurnPair, { target, stepMs }: Service, failed: readonly number[]): Alarms {
  const probesIn = (ms: number): number => Math.floor(ms / stepMs);
  const n = probesIn(pair.longMs);
  let began = 0;
  let firing = 0;
  let until = -1;
  const tally =
    (newest: number, probe: number) =>
    (span: Span): Tally => {
      const size = probesIn(span.toMs - span.fromMs);
      let bad = 0;
      for (let index = newest; index >= 0 && (failed[index] as number) > probe - size; index -= 1) bad += 1;
      return { good: size - bad, unsure: 0, n: size };
    };
  for (const [newest, first] of failed.entries()) {
    if (first < n) continue;
    const next = failed[newest + 1] ?? first + n;
    for (let probe = first; probe < next; probe += 1) {
      const fires = burning(pair, target, tally(newest, probe), 0).state === 'firing';
      if (!fires) break;
      if (until !== probe - 1) began += 1;
      until = probe;
      firing += 1;
    }
  }
  return { began, share: firing / Math.max(1, failed.at(-1) ?? 1) };
}
