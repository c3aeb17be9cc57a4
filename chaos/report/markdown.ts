import type { DrillReport, EntryReport, EntryTimeline, Verified } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import { lanesOf } from './lanes.ts';
import { loadHead, loadNotes, loadRows } from './load.ts';
import { shownBounds, shownQuantiles, shownState } from './numbers.ts';

/** The report as Markdown: verdict, stages with their bounds beside what was predicted, findings. */
export function reportMarkdown(report: DrillReport): string {
  const { verdict, findings, left, residency, overrides } = report;
  return `${[
    `# Drill ${text(report.name)}: ${verdict.status}`,
    '',
    text(verdict.because),
    '',
    ...list([
      `id ${report.id}, scenario ${report.scenario}, fault ${report.fault}, region ${report.region}`,
      `t0 ${report.t0 === null ? 'never: nothing was injected' : new Date(report.t0.lowerMs).toISOString()}`,
      report.restored ? 'everything is back as it was' : '**not restored**',
      ...(report.stopped == null ? [] : [`ended before its time: ${report.stopped}`]),
      ...left.map((sentence) => `left behind: ${sentence}`),
      ...(residency === null ? [] : [`residency: ${residency.status}: ${residency.because}`]),
      ...Object.entries(overrides).map(([rule, reason]) => `override ${rule}: ${reason}`),
    ]),
    '',
    ...report.entries.flatMap((entry) => entryLines(report, entry)),
    ...loadLines(report),
    ...verifiedLines(report.verified ?? []),
    ...(findings.length === 0 ? [] : ['## Findings', '', ...list(findings), '']),
  ].join('\n')}\n`;
}

function loadLines({ load }: DrillReport): readonly string[] {
  if (load === undefined) return [];
  const row = (cells: readonly string[]): string => `| ${cells.map(text).join(' | ')} |`;
  return [
    `## Load: ${load.verdict.status}`,
    '',
    text(load.verdict.because),
    '',
    row(loadHead),
    `|${loadHead.map(() => '---|').join('')}`,
    ...loadRows(load).map(row),
    '',
    ...list(loadNotes(load)),
    '',
  ];
}

function verifiedLines(verified: readonly Verified[]): readonly string[] {
  if (verified.length === 0) return [];
  const rows = verified.map((one) => {
    const cells = [one.part, one.name, one.wanted, one.found, shownState(one)];
    return `| ${cells.map(text).join(' | ')} |`;
  });
  return ['## Restored', '', '| part | of | wanted | found | |', '|---|---|---|---|---|', ...rows, ''];
}

function entryLines(report: DrillReport, entry: EntryReport): readonly string[] {
  const { verdict } = entry;
  return [
    `## ${text(entry.entry)}: ${verdict.status}`,
    '',
    text(verdict.because),
    '',
    ...sideLines('Failover', 't0', entry.failover, report.predicted),
    ...sideLines('Failback', 'the call of restore', entry.failback, {}),
    `Limits: failover ${formatMs(entry.withinMs)}, failback ${formatMs(entry.failbackMs)}.`,
    '',
  ];
}

function sideLines(
  title: string,
  from: string,
  timeline: EntryTimeline,
  predicted: DrillReport['predicted'],
): readonly string[] {
  const rows = lanesOf(timeline).flatMap((lane) => [
    `| **${text(lane.vantage)}** | ${lane.client} | ${text(lane.note ?? '')} | |`,
    ...lane.shown.flatMap((stage) => {
      const bounds = lane.stages[stage];
      const range = predicted[stage];
      const expected = range === undefined ? '' : shownQuantiles(range);
      return bounds === undefined ? [] : [`| | ${stage} | ${shownBounds(bounds)} | ${expected} |`];
    }),
  ]);
  if (rows.length === 0) return [`### ${title}`, '', 'Nothing was observed.', ''];
  return [`### ${title}`, '', `| vantage | stage | after ${from} | predicted |`, '|---|---|---|---|', ...rows, ''];
}

function list(items: readonly string[]): readonly string[] {
  return items.map((item) => `- ${text(item)}`);
}

/** Names and reasons come from outside: none of them may end a table cell, a line, or begin markup. */
function text(value: string): string {
  return value.replace(/[\r\n]+/g, ' ').replace(/[\\|<>`[\]]/g, (character) => `\\${character}`);
}
