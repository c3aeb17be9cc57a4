import { describe, expect, test } from 'vitest';
import { alertRules } from '../../../aggregator/alerts/rules.ts';
import { type Burning, burnPairs } from '../../../aggregator/slo/burn.ts';
import type { Burns } from '../../../aggregator/slo/burns.ts';
import type { Objective } from '../../../contract/objective.ts';
import { availability, bad, dayMs, good, hourMs, t0, world } from '../slo/world.ts';
import { factsWith, objective as quantile } from './facts.ts';

const objective = { ...quantile, id: 'up', indicator: { kind: 'availability', target: 0.999 } as const };
const rate = { bad: 8, n: 100, burn: 80, interval: [35, 151] as const };

/** The pairs at these places fire, of the workbook's four. */
function burnsWith(...firing: readonly number[]): Burns {
  const pairs = burnPairs(30 * 86_400_000).map((pair, index): Burning => {
    return { pair, state: firing.includes(index) ? 'firing' : 'quiet', long: rate, short: rate, chance: 0.001 };
  });
  return { objective: { ...objective, windowMs: 30 * 86_400_000 }, target: 0.999, left: 0.75, windows: [], pairs };
}

function found(burns: Burns) {
  const facts = factsWith({ burns: [burns] });
  return alertRules.flatMap((rule) => rule.find(facts).map((one) => ({ rule, ...one })));
}

describe('a budget that burns', () => {
  test.each([
    [[], []],
    [[0], ['BlackstartBudgetBurnsFast page critical']],
    [[1], ['BlackstartBudgetBurnsFast page critical']],
    [
      [0, 1, 2, 3],
      ['BlackstartBudgetBurnsFast page critical', 'BlackstartBudgetBurnsSlowly ticket warning'],
    ],
    [[3], ['BlackstartBudgetBurnsSlowly ticket warning']],
  ])('where the pairs %j fire, is one alert of a severity: %j', (firing, names) => {
    const all = found(burnsWith(...firing));
    expect(all.map(({ rule, labels }) => `${rule.name} ${labels['sloth_severity']} ${rule.severity}`)).toEqual(names);
  });

  test('names check, region and what is left of the budget, and labels have no number in them', () => {
    const [one] = found(burnsWith(0));
    expect(one?.labels).toEqual({
      ...{ objective: 'up', check: 'home', region: 'eu-west-1' },
      ...{ sloth_id: 'shop-up', sloth_service: 'shop', sloth_slo: 'up', sloth_severity: 'page' },
    });
    expect(one?.description).toBe(
      'Check home, region eu-west-1: 80.0 times as fast as would just spend it; 75.0 % of that of 30d is left.',
    );
    expect(one?.path).toBe('/api/v1/verdicts/up');
  });

  test.each<[string, Partial<Objective>]>([
    ['over a month of which a day is measured', { windowMs: 30 * dayMs }],
    ['over a calendar', { windowMs: 31 * dayMs + hourMs, calendar: { every: 'month', timeZone: 'UTC' } }],
    ['with what is missing', { windowMs: 30 * dayMs, missing: 'bad' }],
  ])('says what is left as the verdict does, %s', (_, over) => {
    const here = world(() => t0 + dayMs);
    const outageMs = t0 + dayMs - 15 * 60_000;
    for (let atMs = t0; atMs < t0 + dayMs; atMs += 60_000) here.add(atMs, atMs < outageMs ? good : bad);
    here.expect(outageMs - hourMs, 30);
    const indicator = { kind: 'availability', target: 0.999 } as const;
    const verdicts = here.verdicts([{ ...availability, ...over, indicator }]);
    const left = verdicts.one('up', t0 + dayMs)?.budget?.left ?? Number.NaN;
    expect(left).toBeGreaterThan(0);
    const [burns] = verdicts.burns(t0 + dayMs);
    const [page] = burns === undefined ? [] : found(burns);
    expect(page?.description).toContain(`; ${(100 * left).toFixed(1)} % of that of `);
  });
});

test('a region that is down is alerted, once nobody can take it for one bad round', () => {
  const rule = alertRules.find(({ name }) => name === 'BlackstartRegionDown');
  expect(rule?.find(factsWith({ dark: ['eu-west-1'] }))).toMatchObject([{ labels: { region: 'eu-west-1' } }]);
  expect(rule?.forMs).toBeGreaterThan(10_000);
});
