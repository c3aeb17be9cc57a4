/** What several drills show together: `drill run --times` and `drill trend`. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type StageTrend, type Trend, trendOf } from '../../chaos/trend/trend.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { isObject } from '../../contract/json.ts';
import { Mistakes } from '../../contract/mistake.ts';
import { formatMs } from '../../contract/units.ts';
import { exitCodes } from '../exit.ts';
import type { Io } from '../io.ts';
import { optionReader } from '../options.ts';
import { table } from '../table.ts';
import { type DrillFlags, fleetAt } from './options.ts';

export async function trendCommand(name: string | undefined, flags: DrillFlags, io: Io): Promise<number> {
  const reader = optionReader();
  const given = flags.aggregator ?? [];
  const urls = given.length === 0 ? [] : reader.urls('--aggregator', given);
  const token = reader.secret('--token-file', flags.tokenFile);
  reader.check();
  const kept = await reportsIn(flags.evidence);
  const told = (await fleetAt(urls, token, io)?.drills(io.signal))?.drills ?? [];
  // Of a drill that both have, its evidence is what it was judged by.
  const reports = [...told, ...kept];
  const names = [...new Set(reports.map((report) => report.name))];
  if (name === undefined || !names.includes(name)) {
    const want = names.length === 0 ? `drills, and there are none in ${flags.evidence}` : `one of ${names.join(', ')}`;
    throw new Mistakes([{ place: 'NAME', got: name === undefined ? 'nothing' : JSON.stringify(name), want }]);
  }
  const trend = trendOf(name, reports);
  io.stdout.write(flags.json === true ? `${JSON.stringify(trend, null, 2)}\n` : `${shownTrend(trend)}\n`);
  if (trend.stages.length === 0) return exitCodes.inconclusive;
  return trend.stages.some(({ finding }) => finding === 'slower') ? exitCodes.fail : exitCodes.pass;
}

/** The reports of an evidence directory; what cannot be read is none. */
async function reportsIn(dir: string): Promise<readonly DrillReport[]> {
  const names = await readdir(dir).catch(() => []);
  const read = names.toSorted().map(async (name): Promise<readonly DrillReport[]> => {
    try {
      const value: unknown = JSON.parse(await readFile(join(dir, name, 'verdict.json'), 'utf8'));
      const report = isObject(value) ? value['report'] : null;
      const isReport = isObject(report) && typeof report['name'] === 'string' && Array.isArray(report['entries']);
      return isReport ? [report as DrillReport] : [];
    } catch {
      return [];
    }
  });
  return (await Promise.all(read)).flat();
}

export function shownTrend(trend: Trend): string {
  const { name, drills, stages, findings } = trend;
  if (drills.length === 0) return `${name}: no drill of that name has taken anything away`;
  const count = (status: string): number => drills.filter((drill) => drill.status === status).length;
  const rows = stages.map((one) => [
    one.stage,
    String(one.n),
    formatMs(one.medianMs),
    intervalOf(one),
    slopeOf(one),
    `${formatMs(one.lastMs.lowerMs)} to ${formatMs(one.lastMs.upperMs)}`,
  ]);
  return [
    `${name}: ${drills.length} drills, ${count('pass')} pass, ${count('fail')} fail, ${count('inconclusive')} inconclusive`,
    ...(rows.length === 0 ? [] : [table([['stage', 'drills', 'median', '95 % interval', 'a drill', 'last'], ...rows])]),
    ...findings.map((text) => `finding: ${text}`),
  ].join('\n');
}

function intervalOf({ intervalMs, needed }: StageTrend): string {
  if (intervalMs === null) return `${needed} more ${needed === 1 ? 'drill' : 'drills'} needed`;
  const [lower, upper] = intervalMs;
  return `${formatMs(lower)} to ${formatMs(upper)}`;
}

function slopeOf({ slope }: StageTrend): string {
  if (slope === null) return '-';
  const signed = (ms: number): string => `${ms < 0 ? '-' : '+'}${formatMs(Math.abs(ms))}`;
  const { perStep, interval } = slope;
  return interval === null ? signed(perStep) : `${signed(perStep)} (${signed(interval[0])} to ${signed(interval[1])})`;
}
