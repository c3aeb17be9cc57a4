/** What is known of checks by their ids: those assigned, those of bursts, and those that only agents know. */
import type { Assignment, Check } from '../contract/check.ts';
import type { CheckRow } from './store/rows.ts';

export type CheckBook = {
  /** Never fails: of an unknown check its id is its name, up to a bound; beyond it they share one. */
  get(id: string): CheckRow;
  /** Notes what is assigned from `nowMs` on; returns what is new or changed. */
  assign(assignment: Assignment, nowMs: number): readonly CheckRow[];
  /** Notes the checks of a burst; returns what is new. */
  learn(checks: readonly Check[], nowMs: number): readonly CheckRow[];
  /** Assigned now, with their definitions. */
  assigned(): readonly { readonly check: Check; readonly sinceMs: number }[];
  /** Assigned checks of this name. */
  named(name: string): readonly Check[];
  /** How often checks of this name are made, the slowest of them; `null` of none. */
  everyMs(name: string): number | null;
  /** Another when what `get` gives may have changed. */
  epoch(): number;
};

const maxUnknown = 1_000;
export const overflowName = '__overflow__';
/** Of a check that was never assigned here. */
export const unknownKind = 'unknown';

export function checkBook(stored: readonly CheckRow[]): CheckBook {
  const rows = new Map(stored.map((row) => [row.id, row]));
  const unknown = new Map<string, CheckRow>();
  let current: readonly { readonly check: Check; readonly sinceMs: number }[] = [];
  let byName = new Map<string, Check[]>();
  let epoch = 0;

  return {
    get(id) {
      const known = rows.get(id) ?? unknown.get(id);
      if (known !== undefined) return known;
      if (unknown.size >= maxUnknown) return unknownCheck(overflowName);
      const row = unknownCheck(id);
      unknown.set(id, row);
      return row;
    },
    assign(assignment, nowMs) {
      epoch += 1;
      const before = new Set(current.map(({ check }) => check.id));
      const first = current.length === 0;
      const changed: CheckRow[] = [];
      current = assignment.checks.map((check) => {
        const known = rows.get(check.id);
        const goesOn = known !== undefined && known.everyMs === check.everyMs && (first || before.has(check.id));
        const row = rowOf(check, goesOn ? known.sinceMs : nowMs);
        if (JSON.stringify(row) !== JSON.stringify(known)) changed.push(row);
        rows.set(check.id, row);
        return { check, sinceMs: row.sinceMs };
      });
      byName = new Map();
      for (const { check } of current) byName.set(check.name, [...(byName.get(check.name) ?? []), check]);
      return changed;
    },
    learn(checks, nowMs) {
      epoch += 1;
      const fresh = checks.filter(({ id }) => !rows.has(id)).map((check) => rowOf(check, nowMs));
      for (const row of fresh) rows.set(row.id, row);
      return fresh;
    },
    assigned: () => current,
    named: (name) => byName.get(name) ?? [],
    everyMs(name) {
      const named = byName.get(name) ?? [];
      return named.length === 0 ? null : Math.max(...named.map(({ everyMs }) => everyMs));
    },
    epoch: () => epoch,
  };
}

function rowOf(check: Check, sinceMs: number): CheckRow {
  const { id, name, target, region, entry, kind, everyMs } = check;
  return { id, name, target: target ?? '', region: region ?? null, entry: entry ?? null, kind, everyMs, sinceMs };
}

function unknownCheck(id: string): CheckRow {
  return { id, name: id, target: '', region: null, entry: null, kind: unknownKind, everyMs: 10_000, sinceMs: 0 };
}
