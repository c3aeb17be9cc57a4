import type { Bounds } from '../../contract/bounds.ts';
import { type DrillReport, type StageTable, stageIds } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import { type Html, html } from './html.ts';

/** A drill: its phase, its verdict so far, and when each stage came at each vantage, with bounds. */
export function drillSection(drill: DrillReport): Html {
  return html`<h2>Drill ${drill.name}: ${drill.status === 'running' ? drill.phase : 'over'}</h2>
<p><span class="${drill.verdict.status}">${drill.verdict.status}</span>: ${drill.verdict.because}</p>
${predicted(drill)}
${waterfall('Failover, after the injection', drill.stages)}
${waterfall('Failback, after the call of restore', drill.failback)}
${drill.left.length === 0 ? '' : html`<p class="fail">Left behind: ${drill.left.join('; ')}</p>`}
<p><a href="/api/v1/drills/${encodeURIComponent(drill.id)}/report.html">Report</a></p>`;
}

function predicted(drill: DrillReport): Html | '' {
  const stages = stageIds.flatMap((stage) => {
    const quantiles = drill.predicted[stage];
    return quantiles === undefined
      ? []
      : [`${stage} ${formatMs(quantiles.p50)} (${formatMs(quantiles.p5)} to ${formatMs(quantiles.p95)})`];
  });
  return stages.length === 0 ? '' : html`<p>Predicted: ${stages.join(', ')}</p>`;
}

function waterfall(title: string, table: StageTable): Html | '' {
  const rows = Object.entries(table).flatMap(([vantage, clients]) =>
    Object.entries(clients).map(([client, stages]) => ({ vantage, client, stages })),
  );
  if (rows.length === 0) return '';
  return html`<h3>${title}</h3>
<table><thead><tr><th scope="col">vantage</th><th scope="col">client</th>${stageIds.map((stage) => html`<th scope="col">${stage}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ vantage, client, stages }) =>
      html`<tr><th scope="row">${vantage}</th><td>${client}</td>${stageIds.map((stage) => html`<td>${shown(stages[stage])}</td>`)}</tr>`,
  )}</tbody></table>`;
}

function shown(bounds: Bounds | undefined): string {
  return bounds === undefined ? '' : `${formatMs(bounds.lowerMs)} to ${formatMs(bounds.upperMs)}`;
}
