/** docs/drills/faults: every kind has its page, and what each page shows is read and planned. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { faultNames, faultOf, kindOf } from '../../chaos/faults.ts';
import { cloudPlanOf } from '../../chaos/runner/cloud.ts';
import { parseScenario } from '../../scenarios/parse/scenario.ts';
import { fakeAccount } from '../fakes/account.ts';
import { fakeClock } from '../fakes/clock.ts';
import { fakeCluster } from '../fakes/cluster.ts';
import { fakeSwitchboards } from '../fakes/switchboards.ts';
import { values, weighted } from '../zone/records.ts';
import { folder, pageText, rowsOf } from './pages.ts';

const names = ['us-east-1', 'eu-west-1'];
const kubernetes = { context: 'us-east-1', namespace: 'default', workloads: ['deployment/agent-api'] };
const regionOf = (name: string) => ({
  jurisdiction: 'US',
  share: 50,
  endpoint: `https://${name}.shop.example`,
  kubernetes,
});

/** The account that the pages of `records` and `ecs-service` speak of. */
const zone = {
  id: 'Z0123456789EXAMPLE',
  name: 'shop.example.',
  nameservers: ['ns-1.shop.example.'],
  records: [
    weighted('api', '127.1.0.1', 50),
    weighted('api', '127.2.0.1', 50),
    values('us-east-1', '127.1.0.1'),
    values('eu-west-1', '127.2.0.1'),
  ].map((record) => ({ ...record, name: record.name.replace('.agent.test.', '.shop.example.') })),
};
const services = ['api', 'worker'].map((name) => ({ cluster: 'shop', name, desiredCount: 3 }));

function shownBy(page: string) {
  const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(pageText(`faults/${page}`)) ?? [];
  const shown = parse(yaml ?? '') as object;
  const common = { service: 'shop', entry: { api: 'https://api.shop.example' } };
  return parseScenario({
    ...common,
    regions: Object.fromEntries(names.map((name) => [name, regionOf(name)])),
    ...shown,
  });
}

test('each kind of fault has its page, and each page its kind and its row in the overview', () => {
  const pages = readdirSync(join(folder, 'faults')).filter((name) => name !== 'README.md');
  expect(pages.toSorted()).toEqual(faultNames.map((name) => `${name}.md`).toSorted());
  const rows = rowsOf(pageText('faults/README.md'), 'fault').map(([fault]) => fault);
  expect(rows.toSorted()).toEqual(faultNames.map((name) => `[${name}](${name}.md)`).toSorted());
});

describe.each(faultNames)('the page of %s', (name) => {
  test('shows drills of its kind, which are read and planned', async () => {
    const scenario = shownBy(`${name}.md`);
    const { drills, switchboards } = scenario;
    expect(drills.length).toBeGreaterThan(0);
    const clock = fakeClock();
    const cluster = fakeCluster({ clock, workloads: { 'deployment/agent-api': 10 } }).as('runner');
    const boards = fakeSwitchboards({ clock, regions: Object.keys(switchboards), nameServer: '192.0.2.53:53' }).as(
      'runner',
    );
    const plan = { ...kubernetes, workloads: [{ kind: 'deployment', name: 'agent-api' }] };
    const deps = {
      drill: 'd1',
      clock,
      workloads: { plan, cluster },
      suspensions: [],
      switchboard: boards,
      leaseMs: 2_000,
    };
    const account = fakeAccount({ zone, services, clock });
    for (const drill of drills) {
      const { fault } = drill;
      expect(fault.kind).toBe(name);
      const whole = { ...deps, ensure: async () => undefined, account, cloud: cloudPlanOf(scenario, drill) };
      const { signal } = new AbortController();
      const undo = await faultOf(fault, whole).plan(signal);
      expect(kindOf(name).describe(undo).length).toBeGreaterThan(1);
      expect(await kindOf(name).mortal(fault, whole, signal)).toBeNull();
    }
  });

  test('says what is expected and seen, who mends it, and what a person does by hand', () => {
    const text = pageText(`faults/${name}.md`);
    for (const part of ['**Seen', '**Mended** ', '**By hand:** ']) expect(text).toContain(part);
    const by = { cluster: 'by the restorer', switchboard: 'by the switchboard itself', account: 'by a schedule' };
    const both = name === 'partition' ? 'by both switchboards themselves' : by[kindOf(name).undo];
    expect(text).toContain(both);
  });
});
