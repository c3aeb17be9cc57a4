/**
 * Rules for Prometheus as files, with unit tests and a configuration for an Alertmanager. The same options give the same
 * bytes.
 */
import { stringify } from 'yaml';
import type { Artefact, RulesOptions } from './options.ts';
import { burnGroup, fleetGroup } from './rules/alerting.ts';
import { alertmanagerFile } from './rules/alertmanager.ts';
import { ruledOf, type Unruled, unruledOf } from './rules/objectives.ts';
import { asking, type Group } from './rules/queries.ts';
import { metaRecords, sliRecords } from './rules/recording.ts';
import { unitTests } from './rules/unit-tests.ts';

export type { Artefact, RulesOptions } from './options.ts';

export type Rules = {
  readonly files: readonly Artefact[];
  /** What there are no rules or alerts for, and why. */
  readonly without: readonly Unruled[];
};

export function rulesArtefacts(options: RulesOptions): Rules {
  const { service, objectives } = options;
  const ruled = ruledOf(service, objectives);
  const without = unruledOf(objectives);
  const asks = asking(options.job);
  const ofObjectives = ruled.flatMap((one): readonly Group[] => {
    const alerts = burnGroup(one, options);
    return [sliRecords(one, asks), metaRecords(one, options.version), ...(alerts === undefined ? [] : [alerts])];
  });
  const groups = [...ofObjectives, fleetGroup(options, asks)];
  const rules = `blackstart-${service}.rules.yaml`;
  const about =
    '# slo_proof is an exact test of burn rates as near as PromQL comes to it: docs/rules.md has what it is made of.\n';
  const notes = without.map(({ id, because }) => `# ${id}: ${because}.\n`).join('');
  const tests = {
    ...{ rule_files: [rules], evaluation_interval: '1m', group_eval_order: groups.map(({ name }) => name) },
    tests: unitTests(ruled, options),
  };
  return {
    files: [
      { path: rules, text: `${head(service)}${about}${notes}${yaml({ groups })}` },
      { path: `blackstart-${service}_test.yaml`, text: `${head(service)}${yaml(tests)}` },
      alertmanagerFile(),
    ],
    without,
  };
}

function head(service: string): string {
  return `# Written by blackstart generate rules for ${JSON.stringify(service)}: change the scenario, and write it again.\n`;
}

/** Long queries stay as they are broken. */
function yaml(value: object): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
