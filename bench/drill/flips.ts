/** Each name server's own flip: a report has all of them as one stage, from the first to the last. */
import { readFacts } from '../../chaos/evidence-facts.ts';
import type { DrillFacts } from '../../chaos/facts.ts';
import { reportOf } from '../../chaos/judge.ts';
import type { Bounds } from '../../contract/bounds.ts';
import type { Row } from './row.ts';

export type Flip = { readonly server: string; readonly found: Bounds };
/** Of a vantage's fresh clients, at the first entry name. */
export type Flips = (way: Row['way'], vantage: string) => readonly Flip[];

export const noFlips: Flips = () => [];

/** The same facts are judged once more for each server, with the answers of the others left out. */
export async function flipsIn(evidence: string): Promise<Flips> {
  const facts = await readFacts(evidence);
  const servers = new Set(facts.results.filter(isOfAuthority).map(serverOf));
  const reports = [...servers].map((server) => ({ server, report: reportOf(withAlone(facts, server)) }));
  return (way, vantage) =>
    reports.flatMap(({ server, report }) => {
      const table = way === 'failover' ? report.stages : report.failback;
      const found = table[vantage]?.fresh?.authority;
      return found === undefined ? [] : [{ server, found }];
    });
}

function withAlone(facts: DrillFacts, server: string): DrillFacts {
  return { ...facts, results: facts.results.filter((one) => !isOfAuthority(one) || serverOf(one) === server) };
}

function isOfAuthority({ check }: DrillFacts['results'][number]): boolean {
  return check === 'authority';
}

function serverOf({ details }: DrillFacts['results'][number]): string {
  return details.server ?? '';
}
