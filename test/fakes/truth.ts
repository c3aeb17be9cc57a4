/** Holds what a drill reported against what its lab knows. */
import { readFileSync } from 'node:fs';
import type { Bounds } from '../../contract/bounds.ts';
import type { DrillReport, StageId } from '../../contract/drill.ts';
import type { WorldFile } from '../../lab/world-file.ts';

export type Transition = {
  readonly atMs: number;
  readonly what: string;
  readonly region: string;
  readonly where: string;
  readonly name?: string;
  readonly place?: string;
  readonly from: unknown;
  readonly to: unknown;
};

/** One stage of one client, as reported and as it was; both relative to t0 (or to the call of restore). */
export type Compared = {
  readonly drill: string;
  readonly what: string;
  readonly reported: Bounds;
  /** The truth, as an interval because t0 is one. */
  readonly truth: Bounds;
  readonly holds: boolean;
};

export function readTruth(path: string): readonly Transition[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Transition);
}

type Side = {
  readonly report: DrillReport;
  readonly world: WorldFile;
  readonly truth: readonly Transition[];
  readonly start: Bounds;
  readonly untilMs: number;
  readonly direction: 'failover' | 'failback';
};

/** Every reported stage whose truth the lab wrote down: failover and failback, fresh clients. */
export function compare(report: DrillReport, world: WorldFile, truth: readonly Transition[]): readonly Compared[] {
  const { t0, restoreCalled } = report;
  if (t0 === null) return [];
  const restoreMs = restoreCalled?.lowerMs ?? Number.POSITIVE_INFINITY;
  const failover = compareSide({ report, world, truth, start: t0, untilMs: restoreMs, direction: 'failover' });
  if (restoreCalled === null) return failover;
  const untilMs = report.endedMs === null ? Number.POSITIVE_INFINITY : report.endedMs + slackMs;
  return [...failover, ...compareSide({ report, world, truth, start: restoreCalled, untilMs, direction: 'failback' })];
}

/** The report's end is on the runner's clock, which is off by seconds in a lab. */
const slackMs = 10_000;
/** Of sums of numbers as large as the time of day. */
const slightMs = 1e-3;

function compareSide(side: Side): readonly Compared[] {
  const { report, start, untilMs, direction } = side;
  const within = side.truth.filter(({ atMs }) => atMs >= start.lowerMs && atMs <= untilMs);
  return report.entries.flatMap((entry) =>
    Object.entries(entry[direction].stages).flatMap(([vantage, clients]) =>
      Object.entries(clients.fresh ?? {}).flatMap(([stage, reported]) => {
        const moments = momentsOf(side, within, { entry: entry.entry, vantage, stage: stage as StageId });
        if (moments.length === 0) return [];
        const truth = { lowerMs: Math.min(...moments) - start.upperMs, upperMs: Math.max(...moments) - start.lowerMs };
        // The true t0 is somewhere in its interval: the bounds hold unless no choice of it brings every moment inside.
        const span = start.upperMs - start.lowerMs;
        const holds =
          truth.lowerMs + span >= reported.lowerMs - slightMs &&
          truth.upperMs - span <= reported.upperMs + slightMs &&
          truth.upperMs - truth.lowerMs - span <= reported.upperMs - reported.lowerMs + slightMs;
        return [
          { drill: report.name, what: `${direction} ${entry.entry} ${vantage} ${stage}`, reported, truth, holds },
        ];
      }),
    ),
  );
}

type Asked = { readonly entry: string; readonly vantage: string; readonly stage: StageId };

/** When it truly happened; for the name servers, each of them. */
function momentsOf({ report, world, direction }: Side, within: readonly Transition[], asked: Asked): readonly number[] {
  const R = report.region;
  const name = new URL(`https://${asked.entry === 'api' ? world.names.entry : world.names.standby}`).hostname;
  const gone = direction === 'failover';
  const of = (what: string) => within.filter((one) => one.what === what);
  const named = (what: string) => of(what).filter((one) => one.name === name);
  const moved = (one: Transition): boolean => (gone ? one.from === R && one.to !== R : one.from !== R && one.to === R);
  const first = (found: readonly Transition[]): readonly number[] => found.slice(0, 1).map(({ atMs }) => atMs);
  const place = (one: Transition): boolean => one.place === undefined || one.place === placeOf(world, asked.vantage);
  switch (asked.stage) {
    case 'drain':
      return first(of('ready').filter((one) => one.region === R && one.where === 'agent-api' && one.to === 0));
    case 'capacity': {
      const ready = of('ready').filter((one) => one.region === R && one.where === 'agent-api');
      const full = Math.max(...ready.map(({ to }) => Number(to)));
      return gone ? [] : first(ready.filter((one) => one.to === full));
    }
    case 'detect':
      // For good: a check that flaps has found out only with its last turn.
      return of('health')
        .filter((one) => one.region === R && one.to === !gone)
        .slice(-1)
        .map(({ atMs }) => atMs);
    case 'authority':
      return world.nameservers.flatMap((server) =>
        first(named('answer').filter((one) => server.startsWith(`${one.where}:`) && place(one) && moved(one))),
      );
    case 'resolver': {
      const resolver = world.resolvers[asked.vantage] ?? '';
      return first(named('cache').filter((one) => resolver.startsWith(`${one.where}:`) && moved(one)));
    }
    case 'last-served':
      return gone ? first(named('served').filter((one) => one.where === asked.vantage && one.from === R)) : [];
    case 'first-good':
      return gone
        ? first(
            named('served').filter(
              (one) => one.where === asked.vantage && one.from === null && one.to !== null && one.to !== R,
            ),
          )
        : first(named('served').filter((one) => one.where === asked.vantage && one.to === R));
    case 'last-bad':
    case 'residual':
      return [];
  }
}

/** The scenario says which place a region's vantage stands for. */
function placeOf(world: WorldFile, region: string): string | undefined {
  const scenario = JSON.parse(readFileSync(world.scenario, 'utf8')) as { regions: Record<string, { place?: string }> };
  return scenario.regions[region]?.place;
}
