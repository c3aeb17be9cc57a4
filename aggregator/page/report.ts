import type { DrillReport } from '../../contract/drill.ts';
import { drillSection } from './drill.ts';
import { html, raw } from './html.ts';
import { style } from './style.ts';

/** A drill's page for when its runner has sent none: what the aggregator knows of it. */
export function reportPage(drill: DrillReport): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Drill ${drill.name}</title>
<style>${raw(style)}</style></head>
<body><main>
<h1>${drill.scenario}</h1>
<p>${drill.fault}. Began ${new Date(drill.startedMs).toISOString()}. ${drill.restored ? 'Restored.' : 'Not restored.'}</p>
${drillSection(drill)}
</main></body>
</html>
`.html;
}
