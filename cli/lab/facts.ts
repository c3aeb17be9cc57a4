/** Gathers what rows are made from, as any operator could: over the aggregator's API and the service's own pages. */
import type { DrillsAnswer, FleetAnswer, ResultsAnswer, StoredResult, VerdictsAnswer } from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import type { Verdict } from '../../contract/verdict.ts';
import type { WorldFile } from '../../lab/world-file.ts';
import type { AuditReport, LogRecord } from '../../scenarios/world.ts';
import { getJson, getText } from '../http.ts';

/** Pages of this size: the API's largest. */
const pageLimit = 10_000;

export async function readFleet(url: string): Promise<FleetAnswer> {
  return getJson<FleetAnswer>(`${url}/api/v1/fleet`);
}

/** All results from a moment on, on the aggregator's clock, newest first. */
export async function readResults(url: string, sinceMs: number): Promise<StoredResult[]> {
  const results: StoredResult[] = [];
  for (let before: number | null = null; ; ) {
    const cursor: string = before === null ? '' : `&before=${before}`;
    const page: ResultsAnswer = await getJson(`${url}/api/v1/results?since=${sinceMs}&limit=${pageLimit}${cursor}`);
    results.push(...page.results);
    if (page.next === null || page.results.length === 0) return results;
    before = page.next;
  }
}

export async function readVerdicts(url: string): Promise<readonly Verdict[]> {
  return (await getJson<VerdictsAnswer>(`${url}/api/v1/verdicts`)).verdicts;
}

export async function readDrills(url: string): Promise<readonly DrillReport[]> {
  return (await getJson<DrillsAnswer>(`${url}/api/v1/drills`)).drills;
}

export async function readRegionMetrics(world: WorldFile, ca: string): Promise<Record<string, string>> {
  return readEach(world, (region) => getText(region.metricsUrl, { ca }));
}

export async function readResidencyLogs(world: WorldFile, ca: string): Promise<Record<string, LogRecord[]>> {
  return readEach(world, async (region) => {
    const text = await getText(region.logUrl, { ca });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LogRecord);
  });
}

export function parseAudit(text: string): AuditReport | null {
  return text === '' ? null : (JSON.parse(text) as AuditReport);
}

async function readEach<T>(
  world: WorldFile,
  read: (region: WorldFile['regions'][string]) => Promise<T>,
): Promise<Record<string, T>> {
  const pairs = await Promise.all(
    Object.entries(world.regions).map(async ([name, region]) => [name, await read(region)] as const),
  );
  return Object.fromEntries(pairs);
}
