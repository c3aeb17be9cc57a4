/** docs/drills/schedules.md says what the program does: its YAML is read, its options and metrics are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { alertRules } from '../../aggregator/alerts/rules.ts';
import { dueTimes } from '../../chaos/schedule/due.ts';
import { catalogue } from '../../contract/catalogue.ts';
import { scheduleId } from '../../contract/schedule.ts';
import { quantileSamplesNeeded } from '../../contract/statistics.ts';
import { parseScenario } from '../../scenarios/parse/scenario.ts';
import { command } from '../fakes/command-line.ts';
import { root } from '../fakes/program.ts';
import { blockIn, shopWith } from './drill-keys.ts';
import { codeIn, flowing, pageText, rowsOf } from './pages.ts';

const page = pageText('schedules.md');
const scenario = parseScenario(shopWith(parse(blockIn(page, 'drills:')) as object));

function nextOf(name: string): string {
  const schedule = scenario.drills.find((drill) => drill.name === name)?.schedule;
  if (schedule === undefined || schedule === null) throw new Error(`${name} has no schedule`);
  const [first = 0] = dueTimes(schedule, Date.parse('2026-11-22T00:00Z'));
  return new Date(first).toISOString().slice(0, 16);
}

test('its drills are due when it says', () => {
  expect(nextOf('lose-eu')).toBe('2026-12-01T10:00');
  expect(nextOf('lose-us')).toBe('2026-12-01T08:30');
});

test('its defaults are those of the reader', () => {
  const [eu, us] = scenario.drills;
  expect(eu?.schedule).toEqual({ cron: '0 10 1 * *', timeZone: 'UTC', graceMs: 3_600_000 });
  expect(us?.schedule).toMatchObject({ timeZone: 'Europe/Berlin', graceMs: 7_200_000 });
  const defaults = new Map(rowsOf(page, 'key').map(([key, by]) => [codeIn(key), codeIn(by)]));
  expect([...defaults]).toEqual([
    ['cron', ''],
    ['timeZone', 'UTC'],
    ['grace', '1h'],
  ]);
});

test('every option that it shows is one of the command that it shows it with', async () => {
  const shown = page.split('\n').flatMap((line) => [...line.matchAll(/blackstart (drill \w+|status)([^`]*)/g)]);
  expect(shown.length).toBeGreaterThan(3);
  for (const [, name = '', rest = ''] of shown) {
    const { stdout } = await command([...name.split(' '), '--help']);
    for (const [option] of rest.matchAll(/--[a-z][a-z-]*/g)) expect(stdout, `${name} ${option}`).toContain(option);
  }
});

test('its metrics, its alert and its verdict are those of the aggregator', () => {
  const { drillLastRun, drillLastStatus, drillNextDue, drillOverdue } = catalogue;
  const metrics = [drillLastRun, drillLastStatus, drillNextDue, drillOverdue].map(({ name }) => name);
  expect(rowsOf(page, 'metric').map(([name]) => codeIn(name))).toEqual(metrics);
  expect(alertRules.find(({ name }) => name === 'BlackstartDrillOverdue')?.severity).toBe('warning');
  expect(page).toContain(`\`${scheduleId('lose-eu')}\``);
});

test('a median takes as many drills as it says', () => {
  expect(flowing(page)).toContain(`That takes ${quantileSamplesNeeded(0.5, 0.05)} drills`);
});

test('the manifest of serve starts it with options that it has', async () => {
  const text = readFileSync(join(root, 'deploy/kubernetes/base/serve.yaml'), 'utf8');
  const [deployment] = parseAllDocuments(text).map((document) => document.toJS() as Deployment);
  const [name, ...args] = deployment?.spec.template.spec.containers[0]?.args.slice(0) ?? [];
  const { stdout } = await command(['drill', 'serve', '--help']);
  expect([name, args[0]]).toEqual(['drill', 'serve']);
  for (const arg of args.slice(1)) expect(stdout).toContain(arg.split('=')[0]);
});

type Deployment = {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] } };
  };
};
