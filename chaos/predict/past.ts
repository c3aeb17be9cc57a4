/** What drills before this one have measured of the same region: better than any default. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bounds } from '../../contract/bounds.ts';
import type { DrillReport, StageId, StageTable } from '../../contract/drill.ts';
import { isObject } from '../../contract/json.ts';
import { quantile } from '../../contract/statistics.ts';
import type { Range } from './input.ts';

/** Each a list of what was measured; a drill that did not show it adds nothing. */
export type PastDrills = {
  /** Drills that were counted. */
  readonly count: number;
  readonly drain: readonly Range[];
  /** From the call to the end of service. An attempt that hangs leaves it open for as long as it may take. */
  readonly served: readonly Range[];
  /** From the flip of health to the name servers. */
  readonly publish: readonly Range[];
  /** From the call of restore to the first ready endpoint, and from there to all of them, and to the first answer. */
  readonly started: readonly Range[];
  readonly filling: readonly Range[];
  readonly answering: readonly Range[];
  /** Where names moved without any check of theirs: from `drain` to the name servers, on the way out and back. */
  readonly leaving: readonly Range[];
  readonly joining: readonly Range[];
};

export const noPast: PastDrills = {
  count: 0,
  drain: [],
  served: [],
  publish: [],
  started: [],
  filling: [],
  answering: [],
  leaving: [],
  joining: [],
};

/** What is older has little to say of the region as it is now. */
const mostDrills = 20;
/** Fewer than these are an anecdote: what lies between and around them is as likely. */
const fewDrills = 5;

type Like = Pick<DrillReport, 'scenario' | 'region' | 'fault'>;

/** From the evidence below a folder: drills of this scenario, region and fault that ran their course, the newest first. */
export async function pastDrills(evidenceDir: string, like: Like): Promise<PastDrills> {
  const names = await readdir(evidenceDir).catch(() => []);
  const reports = (await Promise.all(names.map((name) => reportIn(join(evidenceDir, name))))).filter(
    (report) => report !== null && isLike(report, like),
  ) as readonly DrillReport[];
  return pastOf(reports.toSorted((a, b) => b.startedMs - a.startedMs).slice(0, mostDrills));
}

export function pastOf(reports: readonly DrillReport[]): PastDrills {
  const of = (table: 'stages' | 'failback', stage: StageId, after?: StageId): readonly Range[] =>
    spread(reports.flatMap((report) => lapsesIn(report[table], stage, after)));
  const byTargets = (table: 'stages' | 'failback'): readonly Range[] =>
    spread(
      reports
        .filter((report) => boundsIn(report[table], 'detect').length === 0)
        .flatMap((report) => lapsesIn(report[table], 'authority', 'drain')),
    );
  return {
    count: reports.length,
    drain: reports.flatMap((report) => boundsIn(report.stages, 'drain')),
    served: narrowest(reports.flatMap((report) => boundsIn(report.stages, 'last-served'))),
    publish: publishedBy(reports),
    started: of('failback', 'drain'),
    filling: of('failback', 'capacity', 'drain'),
    answering: of('failback', 'last-served', 'drain'),
    leaving: byTargets('stages'),
    joining: byTargets('failback'),
  };
}

async function reportIn(dir: string): Promise<DrillReport | null> {
  try {
    const verdict: unknown = JSON.parse(await readFile(join(dir, 'verdict.json'), 'utf8'));
    return isObject(verdict) && isObject(verdict['report']) ? (verdict['report'] as unknown as DrillReport) : null;
  } catch {
    // A drill that is under way, or something else that lies there.
    return null;
  }
}

function isLike(report: DrillReport, like: Like): boolean {
  const same = report.scenario === like.scenario && report.region === like.region && report.fault === like.fault;
  return same && report.t0 !== null && report.stopped == null && report.restored;
}

/** The middle of what was measured at the first vantage that saw it, after another stage or after the call. */
function lapsesIn(table: StageTable, stage: StageId, after?: StageId): readonly number[] {
  for (const { fresh } of Object.values(table)) {
    const [to, from] = [fresh?.[stage], after === undefined ? zero : fresh?.[after]];
    if (to !== undefined && from !== undefined) return [middle(to) - middle(from)];
  }
  return [];
}

/** As they were found at the first vantage that saw it: the truth is anywhere between them. */
function boundsIn(table: StageTable, stage: StageId): readonly Range[] {
  const found = Object.values(table).flatMap(({ fresh }) => fresh?.[stage] ?? [])[0];
  return found === undefined ? [] : [{ fromMs: found.lowerMs, toMs: found.upperMs }];
}

/** The half that says most, in the order in which it was: wide bounds alone would make all of it seem slow. */
function narrowest(ranges: readonly Range[]): readonly Range[] {
  const widths = ranges.map(({ fromMs, toMs }) => toMs - fromMs).sort((a, b) => a - b);
  const median = quantile(widths, 0.5) ?? 0;
  return ranges.filter(({ fromMs, toMs }) => toMs - fromMs <= median);
}

/**
 * Names follow health, never the other way, and by less than looks at it are apart. The middles of both err to either
 * side alike, so the mean over all drills is the mean delay, within its standard error; around it any is as likely.
 */
function publishedBy(reports: readonly DrillReport[]): readonly Range[] {
  const lapses = reports.flatMap((report) => lapsesIn(report.stages, 'authority', 'detect'));
  if (lapses.length === 0) return [];
  const mean = lapses.reduce((sum, ms) => sum + ms, 0) / lapses.length;
  const spreadMs = Math.sqrt(lapses.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / lapses.length);
  const errorMs = lapses.length < fewDrills ? Math.abs(mean) : spreadMs / Math.sqrt(lapses.length);
  return [{ fromMs: 0, toMs: 2 * Math.max(0, mean) + errorMs }];
}

const zero: Bounds = { lowerMs: 0, upperMs: 0 };

function middle({ lowerMs, upperMs }: Bounds): number {
  return (lowerMs + upperMs) / 2;
}

/** Each as it was measured; of a few, also what lies as far around them as they are apart. */
function spread(measured: readonly number[]): readonly Range[] {
  if (measured.length === 0) return [];
  if (measured.length >= fewDrills) return measured.map((ms) => ({ fromMs: ms, toMs: ms }));
  const [lowestMs, highestMs] = [Math.min(...measured), Math.max(...measured)];
  const roomMs = Math.max(highestMs - lowestMs, Math.abs(highestMs) / 2);
  return [{ fromMs: lowestMs - roomMs / 2, toMs: highestMs + roomMs / 2 }];
}
