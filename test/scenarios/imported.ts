/** A sound scenario that imports files which are nowhere but here. */
import { Mistakes } from '../../contract/mistake.ts';
import type { Objective } from '../../contract/objective.ts';
import { parseScenario } from '../../scenarios/define.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { sound } from './sound.ts';

export type Files = Readonly<Record<string, string>>;

/** With `imports` as given; by default each file on its own. */
export function scenarioOf(files: Files, imports: unknown = Object.keys(files)): Scenario {
  return parseScenario({ ...sound(), objectives: [], drills: [], imports }, undefined, (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return { file: path, text };
  });
}

export function objectivesOf(files: Files, imports?: unknown): readonly Objective[] {
  return scenarioOf(files, imports).objectives;
}

export function mistakesOf(files: Files, imports?: unknown): readonly string[] {
  try {
    scenarioOf(files, imports);
    return [];
  } catch (error) {
    if (!(error instanceof Mistakes)) throw error;
    return error.message.split('\n');
  }
}

const good = 'sum(blackstart_probe_results_total{check="home",outcome="good"})';
const total = 'sum(blackstart_probe_results_total{check="home",outcome=~"good|bad"})';

/** An SLO over the results of the check home. Tests change one line of it. */
export const openSlo = `apiVersion: openslo/v1
kind: SLO
metadata:
  name: home-up
spec:
  service: shop
  indicator:
    metadata:
      name: home-good
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: ${good}
        total:
          metricSource:
            type: Prometheus
            spec:
              query: ${total}
  timeWindow:
    - duration: 30d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.999
`;

export const sloth = `version: prometheus/v1
service: shop
slos:
  - name: requests-availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(blackstart_probe_results_total{check="home",outcome="bad"}[{{.window}}]))
        total_query: sum(rate(blackstart_probe_results_total{check="home",outcome=~"good|bad"}[{{.window}}]))
    alerting:
      page_alert: { disable: true }
      ticket_alert: { disable: true }
`;
