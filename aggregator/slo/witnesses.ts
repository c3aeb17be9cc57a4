/**
 * Who vouches for a verdict: the vantages that make the objective's check, and those of them that contribute. By the slices
 * before the moment that it is of, minute by minute, as merged hours know them too. So a verdict of a past moment does not
 * hang on who is alive today, and a restart changes nothing. Slices of the last minute may wait for somebody yet: up to
 * where they do, what is known of agents now comes on top.
 */
import type { Objective } from '../../contract/objective.ts';
import { cameIn, type Slice } from '../slices/slice.ts';
import { minuteMs, type Spread, spreadOf } from '../slices/spread.ts';
import type { Series } from '../slices/table.ts';
import { slicesIn } from '../slices/tiers.ts';
import { silenceMs } from './doubt.ts';
import { counts, type FactsDeps } from './facts.ts';
import type { Witnesses } from './judge.ts';

/** Vantages as they are now. */
export type Present = {
  /** Of which results of the objective's check are expected. */
  readonly expected: ReadonlySet<string>;
  /** Without a connection, or in trouble themselves. */
  readonly absent: ReadonlySet<string>;
};

export type WitnessDeps = FactsDeps & {
  /** How often the check of that id is made. */
  everyMs(checkId: string): number;
  present(objective: Objective): Present;
  /** Up to where no slice of the objective waits for anybody. */
  completeThroughMs(objective: Objective): number;
  /** Another when slices may have changed since they were looked at last. */
  epoch(): number;
};

export function witnessing(deps: WitnessDeps): (objective: Objective, atMs: number) => Witnesses {
  let epoch: number | null = null;
  let byName: ReadonlyMap<string, readonly Series[]> = new Map();
  const known = new Map<string, Witnesses>();

  function ofSlices(objective: Objective, atMs: number) {
    const expected = new Set<string>();
    const heard = new Set<string>();
    for (const series of byName.get(objective.check) ?? []) {
      if (heard.has(series.vantage) || !counts(series, objective, deps)) continue;
      if (!isAsked(objective, deps.regionOf(series.checkId))) continue;
      const lately = { fromMs: lookedBackTo(atMs, deps.everyMs(series.checkId)), toMs: atMs };
      for (const slice of slicesIn(series, lately.fromMs, lately.toMs)) {
        const found = attendance(slice, lately);
        if (found !== 'none') expected.add(series.vantage);
        if (found !== 'heard') continue;
        heard.add(series.vantage);
        break;
      }
    }
    return { expected, heard };
  }

  function found(objective: Objective, atMs: number): Witnesses {
    const { expected, heard } = ofSlices(objective, atMs);
    if (atMs <= deps.completeThroughMs(objective)) return { known: expected.size, healthy: heard.size };
    const now = deps.present(objective);
    return {
      known: new Set([...expected, ...now.expected]).size,
      healthy: [...heard].filter((vantage) => !now.absent.has(vantage)).length,
    };
  }

  return (objective, atMs) => {
    if (epoch !== deps.epoch()) {
      epoch = deps.epoch();
      byName = Map.groupBy(deps.series(), ({ checkId }) => deps.nameOf(checkId));
      known.clear();
    }
    const key = JSON.stringify([objective.check, objective.region, objective.from, atMs]);
    const witnesses = known.get(key) ?? found(objective, atMs);
    known.set(key, witnesses);
    return witnesses;
  };
}

/** Of a check that asks each region, an objective of one region hears from those who ask it. */
export function isAsked({ region }: Objective, asks: string | null | undefined): boolean {
  return region === null || (asks ?? null) === null || asks === region;
}

/** Whole minutes: merged slices tell no less. */
function lookedBackTo(atMs: number, everyMs: number): number {
  return Math.floor((atMs - silenceMs(everyMs)) / minuteMs) * minuteMs;
}

type Attendance = 'heard' | 'missed' | 'none';

/** What came in the stretch shows that somebody was there; what is missing, that they were expected. */
function attendance(slice: Slice, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Attendance {
  const spread = slice.widthMs > minuteMs ? spreadOf(slice) : null;
  if (spread === null) return judged([...slice.regions.values()], slice.expected + cameIn(slice));
  const first = Math.max(0, Math.floor((fromMs - slice.atMs) / minuteMs));
  const end = Math.min(slice.widthMs, toMs - slice.atMs) / minuteMs;
  return ofMinutes(spread, first, end);
}

function ofMinutes({ regions, missing }: Spread, first: number, end: number): Attendance {
  for (const parts of regions.values())
    for (let minute = first; minute < end; minute += 1) if (parts[minute]?.some((count) => count > 0)) return 'heard';
  return missing.slice(first, Math.ceil(end)).some((count) => count > 0) ? 'missed' : 'none';
}

function judged(came: readonly { readonly good: number; readonly bad: number }[], expected: number): Attendance {
  if (came.some(({ good, bad }) => good + bad > 0)) return 'heard';
  return expected > 0 ? 'missed' : 'none';
}
