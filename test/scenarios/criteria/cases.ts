/** Bends of the facts of a healthy run, and the test that a bend turns one row and no other. */
import { expect, test } from 'vitest';
import type { StoredResult } from '../../../contract/api.ts';
import type { DrillReport, EntryReport } from '../../../contract/drill.ts';
import type { Status } from '../../../contract/verdict.ts';
import { agentApi } from '../../../scenarios/agent-api.ts';
import type { Facts } from '../../../scenarios/world.ts';
import { bending, healthyFacts } from '../../fakes/facts.ts';

export const weights = { 'us-east-1': 60, 'eu-west-1': 30, 'ap-southeast-1': 10 };

export function results(bend: (result: StoredResult) => StoredResult | null): Partial<Facts> {
  return { results: bending(healthyFacts().results, bend) };
}
export function during(bend: (result: StoredResult) => StoredResult | null): Partial<Facts> {
  return { drillResults: bending(healthyFacts().drillResults, bend) };
}
export function drills(bend: (drill: DrillReport) => DrillReport): Partial<Facts> {
  return { drills: healthyFacts().drills.map(bend) };
}
export function entries(entry: string, bend: (report: EntryReport) => EntryReport): Partial<Facts> {
  return drills((drill) => ({
    ...drill,
    entries: drill.entries.map((report) => (report.entry === entry ? bend(report) : report)),
  }));
}
/** The facts with every n-th result of a check left in. */
export function few(check: string, keep: number): Partial<Facts> {
  let seen = 0;
  return results((result) => {
    if (result.check !== check) return result;
    seen += 1;
    return seen <= keep ? result : null;
  });
}
export function verdict(status: Status) {
  return (report: EntryReport): EntryReport => ({ ...report, verdict: { status, because: 'as the judge says' } });
}

export type Case = {
  readonly row: string;
  readonly claim: string;
  readonly bent: Partial<Facts>;
  readonly status: Status;
  readonly because: RegExp;
};

export function turnsOnly(cases: readonly Case[]): void {
  for (const { row, claim, bent, status, because } of cases) {
    test(`${row}: ${claim} is ${status}, and no other row turns`, () => {
      const rows = agentApi.rows(healthyFacts(bent));
      const found = rows.find(({ id }) => id === row);
      expect(found?.status).toBe(status);
      expect(found?.because).toMatch(because);
      expect(rows.filter((other) => other.status !== 'pass').map(({ id }) => id)).toEqual([row]);
    });
  }
}
