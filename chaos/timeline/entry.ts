/** Failover and failback of one entry name, from all vantages. */
import type { EntryTimeline, Passage, Stages, StageTable } from '../../contract/drill.ts';
import type { ClientClass } from '../../contract/result.ts';
import type { EntryExpectation } from '../../scenarios/scenario.ts';
import type { DrillFacts } from '../facts.ts';
import { failbackOf } from './failback.ts';
import { failoverOf, type Side } from './failover.ts';
import { readBackStages, readStages } from './readings.ts';
import { recordOf, type VantageRecord, type VantageResults, vantagesOf } from './record.ts';

const classes: readonly ClientClass[] = ['fresh', 'pooled'];

/** How far a vantage's record goes: milliseconds after t0 up to the cut, and after the call of restore. */
export type Reach = { readonly failoverMs: number; readonly failbackMs: number };

export type EntryHistory = {
  readonly expect: EntryExpectation;
  readonly failover: EntryTimeline;
  readonly failback: EntryTimeline;
  readonly reach: { readonly [vantage: string]: Reach };
  /** Vantages where answers for this name are weighted, so that a client may never have been on the region. */
  readonly weighted: readonly string[];
  /** Largest TTL seen in answers, milliseconds. */
  readonly ttlMs: number;
  /** Vantages whose clock contradicted itself. */
  readonly unsteady: readonly string[];
};

/** Of every entry name that the drill expects something of, in that order. */
export function historiesOf(facts: DrillFacts): readonly EntryHistory[] {
  const vantages = vantagesOf(facts);
  return facts.expect.map((expect) => historyOf(facts, vantages, expect));
}

function historyOf(facts: DrillFacts, vantages: readonly VantageResults[], expect: EntryExpectation): EntryHistory {
  const failover = table();
  const failback = table();
  const reach: { [vantage: string]: Reach } = {};
  const records = vantages.map((own) => recordOf(own, facts.region, expect.entry));
  const [read, readBack] = [readStages(facts), readBackStages(facts)];
  for (const record of records) {
    for (const client of classes) {
      if (client === 'pooled' && record.client.pooled.length === 0) continue;
      const over = failoverOf(record, client, facts.region, expect);
      failover.add(record.vantage, client, over, read);
      const back = failbackOf(record, client, facts.region, over);
      if (back !== undefined) failback.add(record.vantage, client, back, readBack);
    }
    reach[record.vantage] = reachOf(record);
  }
  const ttls = records.flatMap((record) => [...record.authority, ...record.resolver].map((a) => a.ttlSeconds ?? 0));
  return {
    expect,
    failover: failover.timeline,
    failback: failback.timeline,
    reach,
    weighted: records.filter(({ share }) => share !== undefined && share < 1).map(({ vantage }) => vantage),
    ttlMs: ttls.reduce((most, ttl) => Math.max(most, ttl), 0) * 1_000,
    unsteady: records.filter(({ clock }) => !clock.steady).map(({ vantage }) => vantage),
  };
}

type Table = {
  readonly timeline: EntryTimeline;
  readonly add: (vantage: string, client: ClientClass, side: Side, read: Stages) => void;
};

function table(): Table {
  const stages: { [vantage: string]: StageTable[string] } = {};
  const passages: Passage[] = [];
  return {
    timeline: { stages, passages },
    add(vantage, client, side, read) {
      stages[vantage] = { ...stages[vantage], [client]: { ...read, ...side.stages } };
      passages.push(side.passage);
    },
  };
}

function reachOf(record: VantageRecord): Reach {
  const { t0, restore } = record.clock;
  const lastMs = record.client.fresh.at(-1)?.startMs ?? Number.NEGATIVE_INFINITY;
  return {
    failoverMs: Math.min(lastMs, restore?.lowerMs ?? lastMs) - t0.upperMs,
    failbackMs: restore === null ? 0 : lastMs - restore.upperMs,
  };
}
