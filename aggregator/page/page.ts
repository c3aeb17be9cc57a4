/** `GET /`: fleet, verdicts and the running drill, plainly. It refreshes itself; without script it is a still picture. */
import type { FleetAgent } from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { drillSection } from './drill.ts';
import { type Html, html, raw, sourceHash } from './html.ts';
import { style } from './style.ts';

export type PageFacts = {
  readonly scenario: string;
  readonly atMs: number;
  readonly agents: readonly FleetAgent[];
  readonly verdicts: readonly Verdict[];
  /** Newest first. */
  readonly drills: readonly DrillReport[];
};

const refresh = `
const note = document.getElementById('note');
// An animation of nothing: it stands still, and asks for nothing, while nobody looks at the page.
function wait() {
  document.body.animate(null, 2000).finished.then(again);
}
async function again() {
  try {
    const answer = await fetch('/', { cache: 'no-store' });
    if (!answer.ok) throw new Error('status ' + answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    document.querySelector('main').replaceWith(page.querySelector('main'));
    note.textContent = '';
  } catch (error) {
    note.textContent = 'This page is old: ' + error.message;
  }
  wait();
}
wait();
`;

export const pagePolicy = [
  "default-src 'none'",
  `script-src ${sourceHash(refresh)}`,
  `style-src ${sourceHash(style)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function statusPage(facts: PageFacts): string {
  const running = facts.drills.find((drill) => drill.status === 'running') ?? facts.drills[0];
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Blackstart: ${facts.scenario}</title>
<style>${raw(style)}</style></head>
<body>
<p id="note" role="status"></p>
<main>
<h1>${facts.scenario}</h1>
<p>As of ${new Date(facts.atMs).toISOString()}</p>
${running === undefined ? '' : drillSection(running)}
${verdictSection(facts.verdicts)}
${fleetSection(facts.agents)}
</main>
<script>${raw(refresh)}</script>
</body>
</html>
`.html;
}

function verdictSection(verdicts: readonly Verdict[]): Html {
  if (verdicts.length === 0) return html`<h2>Verdicts</h2><p>No objectives.</p>`;
  return html`<h2>Verdicts</h2>
<table><thead><tr><th scope="col">objective</th><th scope="col">verdict</th><th scope="col">because</th></tr></thead>
<tbody>${verdicts.map(
    ({ id, status, because }) =>
      html`<tr><th scope="row">${id}</th><td class="${status}">${status}</td><td>${because}</td></tr>`,
  )}</tbody></table>`;
}

function fleetSection(agents: readonly FleetAgent[]): Html {
  if (agents.length === 0) return html`<h2>Fleet</h2><p>No agent has connected yet.</p>`;
  return html`<h2>Fleet</h2>
<table><thead><tr><th scope="col">agent</th><th scope="col">vantage</th><th scope="col">region</th><th scope="col">link</th>
<th scope="col">clock</th><th scope="col">missing of expected</th></tr></thead>
<tbody>${agents.map(
    (agent) => html`<tr><th scope="row">${agent.agent}</th><td>${agent.vantage}</td><td>${agent.region}</td>
<td class="${agent.connected ? 'pass' : 'fail'}">${agent.connected ? 'connected' : 'gone'}</td>
<td>${agent.clock === null ? 'not compared yet' : `${formatMs(agent.clock.offsetMs)} ± ${formatMs(agent.clock.errorMs)}`}</td>
<td>${agent.missing} of ${agent.expected}</td></tr>`,
  )}</tbody></table>`;
}
