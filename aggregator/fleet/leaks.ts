/** Residency rules that were broken: users who were served, or their data stored, where a rule forbids it. */
import type { Result } from '../../contract/result.ts';
import type { CheckRow } from '../store/rows.ts';

export type Leak = {
  readonly check: string;
  readonly vantage: string;
  readonly country: string;
  readonly servedBy: string;
  readonly because: string;
  /** Of the newest such answer, on the aggregator's timeline. */
  readonly atMs: number;
};

export type Leaks = {
  note(check: CheckRow, vantage: string, result: Result, atMs: number): void;
  /** Those of the last minutes. */
  since(nowMs: number): readonly Leak[];
};

/** Long enough for a check that is made every few minutes to say it again. */
const shownMs = 300_000;
/** Beyond it new ones are left out until others are too old: one is enough to be told. */
const most = 500;

export function leaks(): Leaks {
  const known = new Map<string, Leak>();
  return {
    note(check, vantage, result, atMs) {
      if (!isLeak(result)) return;
      const country = result.details.userCountry ?? '';
      const servedBy = result.servedBy ?? result.region ?? '';
      const id = JSON.stringify([check.name, vantage, country, servedBy]);
      const before = known.get(id);
      if (before === undefined ? known.size >= most : before.atMs >= atMs) return;
      known.set(id, { check: check.name, vantage, country, servedBy, because: result.reason ?? '', atMs });
    },
    since(nowMs) {
      for (const [id, { atMs }] of known) if (nowMs - atMs > shownMs) known.delete(id);
      return [...known.values()];
    },
  };
}

/** Only a request that was served, or stored, can break a rule: a refusal or an outage keeps it. */
export function isLeak({ outcome, details }: Pick<Result, 'outcome' | 'details'>): boolean {
  const { status, leak } = details;
  // Agents that do not say what was a leak say at least what was served.
  return outcome === 'bad' && (leak === true || (status !== undefined && status >= 200 && status < 300));
}
