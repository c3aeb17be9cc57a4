import type { DrillReport } from '../../contract/drill.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Evidence } from '../evidence.ts';
import type { DrillFacts } from '../facts.ts';
import type { Journal } from '../journal.ts';
import { reportMarkdown } from '../report.ts';

export type Conclusion = {
  readonly facts: DrillFacts;
  readonly report: DrillReport;
  readonly html: string;
  readonly exit: number;
  readonly scenario: Scenario;
  readonly version: string;
};

/** Writes what was concluded, and seals the evidence. The lists of the facts are on disk already. */
export async function writeEvidence(conclusion: Conclusion, evidence: Evidence, journal: Journal): Promise<void> {
  const { facts, report, html, exit, scenario, version } = conclusion;
  const {
    load,
    results: _results,
    endpoints: _endpoints,
    checkers: _checkers,
    canaries: _canaries,
    ...concluded
  } = facts;
  await journal.append({ type: 'concluded', exit, facts: concluded });
  await journal.close();
  const { t0, restoreCalled, entries } = report;
  await evidence.write('prediction.json', facts.prediction);
  await evidence.write('timeline.json', { t0, restoreCalled, entries });
  if (load !== undefined) await evidence.write('load.json', load);
  await evidence.write('verdict.json', { exit, report });
  await evidence.write('report.html', html);
  await evidence.write('report.md', reportMarkdown(report));
  await evidence.seal({ drill: facts.id, version, configuration: scenario, offset: facts.offset });
}
