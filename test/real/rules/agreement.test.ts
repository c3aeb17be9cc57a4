/**
 * The aggregator's own alerts and those that a real Prometheus makes by the generated rules, told to one real Alertmanager:
 * failure by failure, so that both are seen not to fire one too early.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { burnPairs, leastToFire } from '../../../aggregator/slo/burn.ts';
import type { Spending } from '../../../contract/api.ts';
import { bad, getJson, result, sendResults, welcomed } from '../../aggregator/harness.ts';
import { workshop, writeToken } from '../../cli/workshop.ts';
import { command } from '../../fakes/command-line.ts';
import { bounded, until } from '../../lab/waiting.ts';
import { alertmanager, hasAlertmanager, type Listed, listed, webhook } from '../metrics/alertmanager.ts';
import { prometheus, prometheus2, prometheus3, queried, type Server } from '../metrics/servers.ts';
import { fleet, type Watched } from '../metrics/world.ts';

const withinMs = 60_000;
const target = 0.99;
const pairs = burnPairs(30 * 86_400_000);
const goodAtFirst = 100;
const batch = 250;
const shop = workshop();
const program = prometheus2 ?? prometheus3;
type RuleGroups = { readonly data: { readonly groups: readonly { readonly lastEvaluation: string }[] } };
const senders = ['aggregator', 'prometheus'] as const;

/** Bad results after those good ones with which the first pair of a severity fires. */
function leastBad(severity: 'page' | 'ticket'): number {
  for (let failed = 1; ; failed += 1) {
    const fires = pairs.some((pair) => {
      const least = pair.severity === severity ? leastToFire(goodAtFirst + failed, pair, target) : null;
      return least !== null && failed >= least;
    });
    if (fires) return failed;
  }
}

/** In this test all windows hold the same. */
const ticketAt = leastBad('ticket');
const pageAt = leastBad('page');

describe.skipIf(program === undefined || !hasAlertmanager)('a real Prometheus with the generated rules', () => {
  let told: Server;
  let ruling: Server;
  let aggregator: Watched;

  beforeAll(async () => {
    const rules = join(shop.dir, 'rules');
    const inhibitions = (): unknown =>
      (parse(readFileSync(join(rules, 'alertmanager.yaml'), 'utf8')) as { readonly inhibit_rules: unknown })
        .inhibit_rules;
    const objective = { check: 'home', indicator: 'availability', target: '99%', window: '30d' };
    const scenario = {
      checks: [{ name: 'home', kind: 'http', to: 'regions', path: '/', every: '1s', timeout: '500ms' }],
      objectives: [
        { id: 'here', region: 'here', ...objective },
        { id: 'anywhere', ...objective },
      ],
    };
    const hook = await webhook();
    const draft = await fleet(shop, 'draft', scenario);
    const generated = await command(['generate', 'rules', '--scenario', draft.scenarioFile, '--out', rules]);
    expect(generated).toMatchObject({ code: 0, stderr: '' });
    told = await alertmanager(hook, inhibitions());
    await told.start();
    const world = await fleet(shop, 'rules', {
      ...scenario,
      alertmanagers: [{ url: told.url, labels: { told_by: 'aggregator' } }],
    });
    aggregator = await world.aggregator();
    const at = (url: string) => [{ targets: [new URL(url).host] }];
    ruling = await prometheus(program ?? '', {
      flags: ['--rules.alert.resend-delay=1s'],
      scrape: { job_name: 'blackstart', static_configs: at(aggregator.url) },
      config: {
        global: { evaluation_interval: '1s', external_labels: { told_by: 'prometheus' } },
        rule_files: [join(rules, '*.rules.yaml')],
        alerting: { alertmanagers: [{ static_configs: at(told.url) }] },
      },
    });
    await ruling.start();
  });

  /** Alerts that fire at the Alertmanager by that sender, without who told it. */
  const firing = async (sender: (typeof senders)[number], alertname: RegExp): Promise<readonly Listed[]> =>
    (await listed(told)).filter(
      ({ labels }) => labels['told_by'] === sender && alertname.test(labels['alertname'] ?? ''),
    );
  const budgets = /^BlackstartBudgetBurns/;
  const ours = /^Blackstart(BudgetBurns|RegionDown)/;
  const shown = ({ labels: { told_by: _, ...labels } }: Listed): string =>
    JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  const namesOf = (alerts: readonly Listed[]): readonly string[] =>
    alerts.map(({ labels }) => `${labels['alertname']} ${labels['objective'] ?? ''}`.trim()).sort();

  /** Whether both senders have told exactly these, with the same labels; `undefined`: not yet. */
  async function bothTold(which: RegExp, names: readonly string[]): Promise<true | undefined> {
    const [own = [], theirs = []] = await Promise.all(senders.map((sender) => firing(sender, which)));
    const expected = [...names].sort().join();
    if (namesOf(own).join() !== expected || namesOf(theirs).join() !== expected) return undefined;
    expect(own.map(shown).sort()).toEqual(theirs.map(shown).sort());
    return true;
  }

  const bothTell = (which: RegExp, names: readonly string[]): Promise<true> =>
    until(withinMs, `both to tell ${names.join(', ') || 'nothing'}`, () => bothTold(which, names));

  /** When each group of rules was evaluated last. */
  async function evaluated(): Promise<readonly string[]> {
    const answer = await getJson<RuleGroups>(ruling.url, '/api/v1/rules');
    return answer.data.groups.map(({ lastEvaluation }) => lastEvaluation);
  }

  async function evaluatedAnew(): Promise<void> {
    const before = await evaluated();
    await until(withinMs, 'all rules to be evaluated', async () =>
      (await evaluated()).every((at, index) => at !== before[index]) ? true : undefined,
    );
  }

  /** Both have counted so many bad results, and found that no pair of the severity fires. */
  async function bothAreQuiet(severity: 'page' | 'ticket', failed: number): Promise<void> {
    await until(withinMs, 'Prometheus to have counted', async () => {
      const [counted] = await queried(ruling, 'min(blackstart:slo_bad:sum1h)');
      return Number(counted?.value?.[1]) === failed ? true : undefined;
    });
    // The proofs first, and then the alerts.
    await evaluatedAnew();
    await evaluatedAnew();
    const { budget } = await getJson<{ readonly budget: Spending }>(aggregator.url, '/api/v1/verdicts/here');
    const own = budget.burns.filter((pair) => pair.severity === severity);
    expect(own.map(({ state }) => state)).toEqual(['quiet', 'quiet']);
    const alertname = severity === 'page' ? 'BlackstartBudgetBurnsFast' : 'BlackstartBudgetBurnsSlowly';
    expect(await queried(ruling, `ALERTS{alertname="${alertname}"}`)).toEqual([]);
    for (const sender of senders) expect(await firing(sender, new RegExp(alertname))).toEqual([]);
  }

  async function suppressed(): Promise<readonly string[]> {
    const all = (await Promise.all(senders.map((sender) => firing(sender, ours)))).flat();
    return [...new Set(namesOf(all.filter(({ status }) => status.inhibitedBy.length > 0)))];
  }

  test('fires what the aggregator fires, at the same failure, and ends it too', { timeout: 300_000 }, async () => {
    const agent = await welcomed(aggregator.url, { vantage: 'here', region: 'here', bearer: writeToken });
    let seq = 0;
    const here = { check: 'home/here', region: 'here', servedBy: 'here' };
    const sends = async (count: number, make: typeof bad): Promise<void> => {
      for (let left = count; left > 0; left -= batch) {
        const many = Math.min(left, batch);
        const results = Array.from({ length: many }, (_, index) => make(seq + index + 1, here));
        seq += many;
        await bounded(withinMs, 'results to be counted', sendResults(agent, results));
      }
    };
    await sends(goodAtFirst, result);
    await sends(ticketAt - 1, bad);
    await bothAreQuiet('ticket', ticketAt - 1);
    await sends(1, bad);
    const tickets = ['BlackstartBudgetBurnsSlowly anywhere', 'BlackstartBudgetBurnsSlowly here'];
    await bothTell(budgets, tickets);
    await sends(pageAt - 1 - ticketAt, bad);
    await bothAreQuiet('page', pageAt - 1);
    await sends(1, bad);
    const pages = ['BlackstartBudgetBurnsFast anywhere', 'BlackstartBudgetBurnsFast here'];
    await bothTell(budgets, [...tickets, ...pages]);
    // On a busy machine the region may have been down for long enough by now: that of no region cannot tell.
    await until(withinMs, 'pages to inhibit tickets', async () => {
      const all = await suppressed();
      return tickets.every((ticket) => all.includes(ticket)) ? true : undefined;
    });
    expect(await suppressed()).not.toContain('BlackstartBudgetBurnsFast anywhere');
    // It stays down, a round a second. What is asked of the region has nothing to add then; users of the entry name are
    // still to be cared for.
    const quietened = ['BlackstartBudgetBurnsFast here', ...tickets].join();
    const aRoundAgain = async (): Promise<true | undefined> => {
      await sends(1, bad);
      const told = await bothTold(ours, [...tickets, ...pages, 'BlackstartRegionDown']);
      return told === true && (await suppressed()).join() === quietened ? true : undefined;
    };
    await until(withinMs, 'both to tell of the region, which inhibits what is asked of it', aRoundAgain, 1_000);
    await sends(100 * seq, result);
    await bothTell(ours, []);
  });
});
