import type { DrillReport, EntryReport, EntryTimeline, Verified } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import type { DrillFacts } from '../facts.ts';
import { lanesOf } from './lanes.ts';
import { loadHead, loadNotes, loadRows } from './load.ts';
import { loadSvg } from './load-svg.ts';
import { shownBounds, shownOutage, shownQuantiles, shownState } from './numbers.ts';
import { escaped, waterfallSvg } from './svg.ts';

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7c; --line: #d5dce4; --paper: #fff; --bar: #1f6feb; --guess: #b6cdf0; --limit: #c62828 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --soft: #9aa7b5; --line: #38434f; --paper: #14181d; --bar: #6aa5ff; --guess: #2f4a73; --limit: #ff7b72 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1, h2, h3 { line-height: 1.25 } h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem }
.status { font-weight: 700 } .pass { color: #2e7d32 } .fail { color: var(--limit) } .inconclusive { color: #b26a00 }
table { border-collapse: collapse; width: 100%; font-size: 14px } th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums } .soft { color: var(--soft) } figure { margin: 1rem 0; overflow-x: auto }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink) } svg .soft { fill: var(--soft) } .bar { fill: var(--bar) } .bad { fill: var(--limit) } .guess { fill: var(--guess) } .limit { stroke: var(--limit); stroke-dasharray: 4 3 } .grid { stroke: var(--line) }
`;

/** What of the facts the page tells of how it was measured. */
export type Provenance = Pick<DrillFacts, 'results' | 'burstEveryMs'>;

/** The report as one file: no scripts, nothing loaded, every text escaped. */
export function reportHtml(report: DrillReport, provenance?: Provenance): string {
  const { verdict } = report;
  const title = `Drill ${report.name}: ${verdict.status}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(report.name)}: <span class="status ${verdict.status}">${verdict.status}</span></h1>
<p>${escaped(verdict.because)}</p>
${aboutTable(report, provenance)}
${report.entries.map((entry) => entrySection(report, entry)).join('\n')}
${loadSection(report)}
${verifiedSection(report.verified ?? [])}
${listSection('Findings', report.findings)}
${listSection('Left behind', report.left)}
</body>
</html>
`;
}

function aboutTable(report: DrillReport, provenance: Provenance | undefined): string {
  const { t0, restoreCalled, residency } = report;
  const at = (moment: DrillReport['t0']): string =>
    moment === null
      ? 'never'
      : `${new Date(moment.lowerMs).toISOString()} (known to ${formatMs(moment.upperMs - moment.lowerMs)})`;
  const rows: readonly (readonly [string, string])[] = [
    ['id', report.id],
    ['scenario', report.scenario],
    ['fault', `${report.fault}, ${report.region}`],
    ['t0', at(t0)],
    ['restore called', at(restoreCalled)],
    ['restored', report.restored ? 'yes, verified' : 'NO: a person has to look'],
    ...(report.stopped == null ? [] : [['ended before its time', report.stopped] as const]),
    ...(residency === null ? [] : [['residency', `${residency.status}: ${residency.because}`] as const]),
    ...(provenance === undefined
      ? []
      : [
          [
            'evidence',
            `${provenance.results.length} results, bursts every ${formatMs(provenance.burstEveryMs)}`,
          ] as const,
        ]),
    ...Object.entries(report.overrides).map(([rule, reason]) => [`override ${rule}`, reason] as const),
  ];
  return `<table>${rows.map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`).join('')}</table>`;
}

function entrySection(report: DrillReport, entry: EntryReport): string {
  const { verdict, failover, failback, withinMs, failbackMs } = entry;
  return `<section>
<h2>${escaped(entry.entry)}: <span class="status ${verdict.status}">${verdict.status}</span></h2>
<p>${escaped(verdict.because)}</p>
<h3>Failover, after t0 (limit ${escaped(formatMs(withinMs))})</h3>
${side(failover, { predicted: report.predicted, limitMs: withinMs })}
<h3>Failback, after the call of restore (limit ${escaped(formatMs(failbackMs))})</h3>
${side(failback, { predicted: {}, limitMs: failbackMs })}
</section>`;
}

function side(timeline: EntryTimeline, scale: { predicted: DrillReport['predicted']; limitMs: number }): string {
  const lanes = lanesOf(timeline);
  if (lanes.length === 0) return '<p class="soft">Nothing was observed.</p>';
  const rows = lanes.flatMap((lane) =>
    lane.shown.map((stage) => {
      const bounds = lane.stages[stage];
      const range = scale.predicted[stage];
      const cells = [lane.vantage, lane.client, stage].map((cell) => `<td>${escaped(cell)}</td>`).join('');
      const numbers = [
        bounds === undefined ? '' : shownBounds(bounds),
        range === undefined ? '' : shownQuantiles(range),
      ];
      return `<tr>${cells}${numbers.map((cell) => `<td class="number">${escaped(cell)}</td>`).join('')}</tr>`;
    }),
  );
  return `<figure>${waterfallSvg(lanes, scale)}</figure>
<details><summary>Numbers and outages</summary>
<table><tr><th>vantage</th><th>client</th><th>stage</th><th>measured</th><th>predicted, 5th to 95th percentile</th></tr>${rows.join('')}</table>
${outageTable(timeline)}
</details>`;
}

function outageTable(timeline: EntryTimeline): string {
  const rows = timeline.passages.flatMap(({ vantage, client, main, others }) =>
    [
      ...(main === null ? [] : [{ kind: 'main', outage: main }]),
      ...others.map((outage) => ({ kind: 'beside', outage })),
    ].map(
      ({ kind, outage }) =>
        `<tr>${[vantage, client, kind, shownBounds(outage.began), shownOutage(outage), String(outage.attempts)]
          .map((cell) => `<td>${escaped(cell)}</td>`)
          .join('')}</tr>`,
    ),
  );
  const head =
    '<tr><th>vantage</th><th>client</th><th>outage</th><th>began</th><th>length</th><th>bad attempts</th></tr>';
  return rows.length === 0 ? '' : `<table>${head}${rows.join('')}</table>`;
}

function loadSection(report: DrillReport): string {
  const { load } = report;
  if (load === undefined) return '';
  const { status, because } = load.verdict;
  const row = (cells: readonly string[], name: 'td' | 'th'): string =>
    `<tr>${cells.map((cell) => `<${name}>${escaped(cell)}</${name}>`).join('')}</tr>`;
  const rows = loadRows(load).map((cells) => row(cells, 'td'));
  return `<section>
<h2>Load: <span class="status ${status}">${status}</span></h2>
<p>${escaped(because)}</p>
<figure>${loadSvg(load, report)}</figure>
<table>${row(loadHead, 'th')}${rows.join('')}</table>
<ul>${loadNotes(load)
    .map((note) => `<li>${escaped(note)}</li>`)
    .join('')}</ul>
</section>`;
}

/** What was read afresh, each as it was found. */
function verifiedSection(verified: readonly Verified[]): string {
  if (verified.length === 0) return '';
  const classes = { 'as-it-was': 'pass', changed: 'soft', left: 'fail', unknown: 'inconclusive' } as const;
  const rows = verified.map((one) => {
    const cells = [one.part, one.name, one.wanted, one.found].map((cell) => `<td>${escaped(cell)}</td>`).join('');
    return `<tr>${cells}<td class="${classes[one.state]}">${escaped(shownState(one))}</td></tr>`;
  });
  const head = '<tr><th>part</th><th>of</th><th>wanted</th><th>found</th><th></th></tr>';
  return `<h2>Restored</h2>\n<table>${head}${rows.join('')}</table>`;
}

function listSection(title: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  return `<h2>${escaped(title)}</h2>\n<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
}
