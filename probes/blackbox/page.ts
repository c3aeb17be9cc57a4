/** The page at `/`: where to go from here, and the last probes. */
import type { Past } from './history.ts';

export function page(probes: readonly Past[]): string {
  const rows = probes
    .toReversed()
    .map(({ id, module, target, success }) => {
      const result = success ? 'Success' : '<strong>Failure</strong>';
      return `<tr><td>${escaped(module)}</td><td>${escaped(target)}</td><td>${result}</td><td><a href="logs?id=${id}">Logs</a></td></tr>`;
    })
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Blackstart: probes as of blackbox_exporter</title></head>
<body>
<h1>Probes</h1>
<ul>
<li><a href="metrics">Metrics of this agent</a></li>
<li><a href="config">Modules</a></li>
</ul>
<p>To probe: <code>probe?target=…&amp;module=…</code>; with <code>&amp;debug=true</code> also why it came out so.</p>
<h2>Recent Probes</h2>
<table border="1"><tr><th>Module</th><th>Target</th><th>Result</th><th>Debug</th></tr>
${rows}
</table>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
