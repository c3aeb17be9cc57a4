/** Scenarios whose rules are looked at: every kind of objective, and the worlds. */

import type { RulesOptions } from '../../aggregator/artefacts/options.ts';
import { type Rules, rulesArtefacts } from '../../aggregator/artefacts/rules.ts';
import { rulesOptionsOf } from '../../cli/generate/rules.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { worlds } from '../../scenarios/worlds.ts';

const rolling = { check: 'home', target: '99.9%', window: '30d' };

/** Of each kind one, and of windows and targets what there is at the edges. */
export const everyKind = parseScenario({
  service: 'corner.shop',
  entry: { api: 'https://shop.example' },
  regions: Object.fromEntries(
    ['north', 'south'].map((name) => [
      name,
      { jurisdiction: 'EU', endpoint: `https://${name}.shop.example`, share: 50 },
    ]),
  ),
  checks: [{ name: 'home', kind: 'http', to: 'regions', path: '/', every: '10s' }],
  objectives: [
    { id: 'up', ...rolling, indicator: 'availability', missing: 'bad' },
    { id: 'up.north', ...rolling, region: 'north', indicator: 'availability', missing: 'hold', window: '28d' },
    { id: 'fast', ...rolling, indicator: { 'latency-under': '250ms' }, target: '99%', window: '7d' },
    { id: 'fresh', ...rolling, indicator: { freshness: '5m' }, target: '99.99%' },
    { id: 'minutes', ...rolling, indicator: 'availability', budget: { slices: '1m', good: '95%' }, window: '90d' },
    {
      ...{ id: 'month', check: 'home', indicator: 'availability', target: '99.95%', drills: 'apart' },
      calendar: { every: 'month', timeZone: 'Europe/Berlin' },
    },
    { id: 'loose', ...rolling, indicator: 'availability', target: '90%' },
    { id: 'day', ...rolling, indicator: 'availability', window: '1d' },
    { id: 'moment', ...rolling, indicator: 'availability', window: '10s' },
    { id: 'p95', ...rolling, indicator: { latency: 'p95' }, target: '250ms' },
    { id: 'failover', ...rolling, indicator: { 'failover-within': '4m' }, target: '90%' },
  ],
  metrics: { prefix: 'shop' },
});

const where = { runbooksUrl: null, job: null };
export const everyKindOptions: RulesOptions = rulesOptionsOf(everyKind, where);

/** Name to what the command makes of it. */
export function allRules(): ReadonlyMap<string, Rules> {
  const told = { runbooksUrl: 'https://wiki.example/runbooks/', job: 'shop' };
  const ofWorlds = Object.values(worlds).flatMap((world) =>
    Object.values(world.profiles).map((profile) => {
      const addresses = Object.fromEntries(
        Object.keys(world.lab(profile).regions).map((region, index) => [region, `127.${index + 1}.0.1`]),
      );
      const at = { doorPort: 443, addresses, hostedZoneId: 'Z1', nameservers: ['127.0.0.53:53'] };
      const scenario = parseScenario(world.scenario(at, profile));
      return [`world ${world.name}, ${profile.name}`, rulesArtefacts(rulesOptionsOf(scenario, where))] as const;
    }),
  );
  return new Map([
    ...ofWorlds,
    ['every kind', rulesArtefacts(everyKindOptions)],
    ['every kind of a job', rulesArtefacts({ ...everyKindOptions, ...told })],
    ['no objectives', rulesArtefacts({ ...everyKindOptions, objectives: [] })],
  ]);
}

/** As the command makes them where nothing else is asked for. */
export async function rulesFor(scenario: string): Promise<Rules> {
  return rulesArtefacts(rulesOptionsOf(await loadScenario(scenario), where));
}
