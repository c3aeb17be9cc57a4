/** Facts of a drill, written by hand: attempts as text on an agent's clock, one region taken away at 0. */

import type { BurstCheck, DrillFacts } from '../../chaos/facts.ts';
import type { StoredResult } from '../../contract/api.ts';
import { exactly } from '../../contract/bounds.ts';
import type { ClientClass } from '../../contract/result.ts';

export const lost = 'us-east-1';
export const heir = 'eu-west-1';
/** When t0 is, on every clock of these drills unless an offset says otherwise. */
export const originMs = 1_763_689_200_000;

export type Tried = {
  readonly from: number;
  readonly to: number;
  /** Who served it; `null` when it failed. */
  readonly by: string | null;
  /** Where it was led; who served it, or the region taken away. */
  readonly led?: string;
  readonly check?: BurstCheck;
  readonly client?: ClientClass;
  readonly vantage?: string;
  readonly boot?: string;
  readonly entry?: string | null;
  readonly details?: StoredResult['details'];
  readonly missing?: boolean;
  /** The aggregator's clock minus the agent's. */
  readonly offsetMs?: number;
};

let seq = 0;

export function result(tried: Tried): StoredResult {
  seq += 1;
  const { from, to, by, check = 'client', vantage = 'here', missing = false, offsetMs = 0 } = tried;
  const outcome = missing ? 'missing' : by === null ? 'bad' : 'good';
  return {
    id: seq,
    seq,
    check,
    checkId: check,
    entry: tried.entry === undefined ? (check === 'direct' ? null : 'api') : tried.entry,
    agent: vantage,
    boot: tried.boot ?? 'boot-1',
    vantage,
    round: seq,
    startMs: originMs + from - offsetMs,
    durationMs: to - from,
    outcome,
    phases: {},
    region: tried.led ?? by ?? lost,
    servedBy: by,
    details: tried.details ?? {},
    client: tried.client ?? 'fresh',
    burst: 'drill',
    quality: { lateMs: 0, loopDelayMs: 0 },
    offset: exactly(offsetMs),
    atMs: originMs + from,
    ...(outcome === 'good' ? {} : { failedAt: 'answer' as const, reason: 'status: got 503, want 200' }),
    ...(missing ? { missing: 'shed' as const } : {}),
  };
}

/** Back to back attempts that take 10 ms, every 100 ms from `fromMs`: `R` served by the lost region, `X` by the heir, `.` bad, `?` missing. */
export function attempts(fromMs: number, marks: string, more: Partial<Tried> = {}): StoredResult[] {
  const served: Readonly<Record<string, string | null>> = {
    R: lost,
    X: heir,
    F: 'ap-southeast-1',
    '.': null,
    '?': lost,
  };
  return [...marks].map((mark, index) => {
    const from = fromMs + index * 100;
    return result({ from, to: from + 10, by: served[mark] ?? null, missing: mark === '?', ...more });
  });
}

export function facts(results: readonly StoredResult[], more: Partial<DrillFacts> = {}): DrillFacts {
  return {
    id: 'drill-1',
    name: 'lose-us-east-1',
    scenario: 'agent-api',
    fault: 'scale-to-zero us-east-1',
    region: lost,
    expect: [{ entry: 'api', servedBy: [heir], withinMs: 2_000, failbackMs: 2_000, residency: null }],
    phase: 'over',
    burstEveryMs: 100,
    t0: exactly(originMs),
    restoreCalled: exactly(originMs + 5_000),
    offset: exactly(0),
    offsetAtMs: originMs,
    results,
    endpoints: [],
    checkers: [],
    prediction: {},
    restored: true,
    left: [],
    stopped: null,
    overrides: {},
    startedMs: originMs - 1_000,
    endedMs: originMs + 10_000,
    ...more,
  };
}
