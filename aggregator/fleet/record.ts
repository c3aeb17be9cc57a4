/** Which vantages were left out of judgement, why, and when they were back. */
import type { LeftOut } from '../../contract/api.ts';
import type { JudgedRound } from './rounds.ts';

export type VantageRecord = {
  /** The newest round of each check, after one was judged. */
  note(latest: readonly JudgedRound[], nowMs: number): void;
  /** Newest first. */
  list(): readonly LeftOut[];
};

/** The oldest go first. */
const most = 200;

export function vantageRecord(): VantageRecord {
  const open = new Map<string, LeftOut>();
  let closed: readonly LeftOut[] = [];
  return {
    note(latest, nowMs) {
      const why = new Map<string, string>();
      for (const { judgement } of latest) {
        for (const vantage of judgement.excused) why.set(vantage, whyOf(vantage, judgement.evidence));
      }
      for (const [vantage, because] of why) {
        if (!open.has(vantage)) open.set(vantage, { vantage, because, fromMs: nowMs, toMs: null });
      }
      for (const [vantage, entry] of open) {
        if (why.has(vantage)) continue;
        open.delete(vantage);
        closed = [{ ...entry, toMs: nowMs }, ...closed].slice(0, most);
      }
    },
    list: () => [...[...open.values()].reverse(), ...closed],
  };
}

function whyOf(vantage: string, evidence: readonly string[]): string {
  const own = `${vantage}: `;
  return evidence.find((sentence) => sentence.startsWith(own))?.slice(own.length) ?? '';
}
