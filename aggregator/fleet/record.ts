/** Which vantages were left out of judgement, why, and when they were back. */
import type { LeftOut } from '../../contract/api.ts';
import type { Judgement } from '../quorum.ts';

export type VantageRecord = {
  /** The newest round of the check was judged so. */
  note(check: string, judgement: Judgement, nowMs: number): void;
  /** Newest first. */
  list(): readonly LeftOut[];
};

/** The oldest go first. */
const most = 200;

export function vantageRecord(): VantageRecord {
  const byCheck = new Map<string, readonly string[]>();
  /** Of each vantage, the checks whose newest round leaves it out. */
  const leaving = new Map<string, Set<string>>();
  const open = new Map<string, LeftOut>();
  let closed: readonly LeftOut[] = [];

  function leave(vantage: string, check: string, because: string, nowMs: number): void {
    const checks = leaving.get(vantage) ?? new Set<string>();
    leaving.set(vantage, checks.add(check));
    if (!open.has(vantage)) open.set(vantage, { vantage, because, fromMs: nowMs, toMs: null });
  }

  function comeBack(vantage: string, check: string, nowMs: number): void {
    const checks = leaving.get(vantage);
    checks?.delete(check);
    const entry = open.get(vantage);
    if (entry === undefined || (checks?.size ?? 0) > 0) return;
    leaving.delete(vantage);
    open.delete(vantage);
    closed = [{ ...entry, toMs: nowMs }, ...closed].slice(0, most);
  }

  return {
    note(check, { excused, evidence }, nowMs) {
      for (const vantage of byCheck.get(check) ?? []) {
        if (!excused.includes(vantage)) comeBack(vantage, check, nowMs);
      }
      for (const vantage of excused) leave(vantage, check, whyOf(vantage, evidence), nowMs);
      if (excused.length > 0) byCheck.set(check, excused);
      else byCheck.delete(check);
    },
    list: () => [...[...open.values()].reverse(), ...closed],
  };
}

function whyOf(vantage: string, evidence: readonly string[]): string {
  const own = `${vantage}: `;
  return evidence.find((sentence) => sentence.startsWith(own))?.slice(own.length) ?? '';
}
