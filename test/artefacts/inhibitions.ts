/** What inhibits what: as it is generated, and as docs/alerts.md proposes it to who writes a configuration alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { alertmanagerFile } from '../../aggregator/artefacts/rules/alertmanager.ts';
import { root } from '../fakes/program.ts';

export type Inhibition = {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
};

const rulesIn = (text: string): readonly Inhibition[] =>
  (parse(text) as { readonly inhibit_rules: readonly Inhibition[] }).inhibit_rules;

export function generatedInhibitions(): readonly Inhibition[] {
  return rulesIn(alertmanagerFile().text);
}

export function proposedInhibitions(): readonly Inhibition[] {
  const blocks = readFileSync(join(root, 'docs/alerts.md'), 'utf8').matchAll(/```yaml\n(inhibit_rules:[\s\S]*?)```/g);
  return rulesIn([...blocks][0]?.[1] ?? '');
}
