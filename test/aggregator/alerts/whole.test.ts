/** All that an aggregator knows, as alerts: by real sockets, on a clock whose timers are quick and that is put forward. */
import { expect, test } from 'vitest';
import { startAggregator } from '../../../aggregator/aggregator.ts';
import { sleep } from '../../../contract/clock.ts';
import { silent } from '../../../contract/log.ts';
import { seededRandom } from '../../../contract/random.ts';
import { metric } from '../../cli/workshop.ts';
import { fakeAlertmanager } from '../../fakes/alertmanager.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { atEnd, bad, httpCheck, options, post, clock as real, sendResults, welcomed } from '../harness.ts';
import { drill } from '../posts.ts';

const quicker = 20;
const dead = 'http://127.0.0.1:1/';

test('what is wrong is told, each with its labels', async () => {
  const clock = quickClock(quicker);
  const fake = await fakeAlertmanager();
  atEnd(() => fake.close());
  const residency = { ...httpCheck('residency', null), kind: 'residency', method: 'POST', userCountry: 'DE' } as const;
  const expected = { answer: 'served', servedIn: ['eu-west-1'], storedIn: null } as const;
  const checks = [httpCheck('home', 'us-east-1'), { ...residency, expect: expected }];
  const objective = { id: 'home', check: 'home', region: 'us-east-1', from: 'all', windowMs: 2_592_000_000 } as const;
  const plain = { version: 1, headers: {}, token: null, everyMs: 1_000, keep: [], native: false } as const;
  const wish = options({
    assignment: { version: 1, checks: checks as never, regions: {}, references: [] },
    objectives: [{ ...objective, indicator: { kind: 'availability', target: 0.99 } }],
    sources: [{ region: 'eu-west-1', url: dead, keep: ['x'] }],
    remoteWrite: [{ name: 'writes', url: dead, ...plain }],
    alertmanagers: [{ name: 'am', url: fake.url, authorization: null, labels: {}, timeoutMs: 5_000 }],
    externalUrl: 'https://blackstart.example/',
  });
  const running = await startAggregator(wish, { clock, random: seededRandom(1), log: silent });
  atEnd(() => running.stop());

  const stays = await welcomed(running.url);
  const gone = await welcomed(running.url, { agent: 'a2', vantage: 'eu-1', region: 'eu-west-1', boot: 'boot-2' });
  await post(running.url, '/api/v1/drills', { ...drill, status: 'over', phase: 'over', left: ['a Lease'] });
  await post(running.url, '/api/v1/drills', { ...drill, id: 'd-2', aliveAtMs: clock.nowMs() });
  // Both answer in the same round, so that it is judged before the clock is put forward.
  const startMs = clock.nowMs();
  const at = { startMs, round: Math.floor(startMs / 1_000) };
  const leak = { ...at, check: 'residency', servedBy: 'us-east-1', details: { status: 200, userCountry: 'DE' } };
  const outage = { ...at, check: 'residency', servedBy: 'ap', details: { status: 503, userCountry: 'FR' } };
  await sendResults(stays, [bad(1, at), bad(2, outage)]);
  await sendResults(gone, [...Array.from({ length: 60 }, (_, index) => bad(index + 1, at)), bad(61, leak)]);
  const judged = /^blackstart_probe_results_total\{.*outcome="bad"/;
  while ((await metric(running.url, judged)) < 4) await sleep(real, 50);

  const told = () => new Map(fake.posts.flatMap(({ alerts }) => alerts.map((one) => [one.labels['alertname'], one])));
  for (; !told().has('BlackstartObjectiveFailed'); await sleep(real, 100)) {
    clock.forward(2_000);
    const roundsThroughMs = clock.nowMs();
    stays.send({ type: 'mark', boot: stays.boot, seq: 2, roundsThroughMs });
    gone.send({ type: 'mark', boot: gone.boot, seq: 61, roundsThroughMs });
  }
  gone.socket.close();
  for (const all = 10; told().size < all; await sleep(real, 100)) clock.forward(5_000);
  const labels = Object.fromEntries(
    [...told()].map(
      ([
        name,
        {
          labels: { alertname: _, severity, scenario, ...own },
        },
      ]) => {
        expect(scenario).toBe('agent-api');
        return [name?.replace('Blackstart', ''), [severity, own]];
      },
    ),
  );
  const ofObjective = { objective: 'home', check: 'home', region: 'us-east-1' };
  const burning = { ...ofObjective, sloth_id: 'agent-api-home', sloth_service: 'agent-api', sloth_slo: 'home' };
  const ofDrill = { name: 'lose-us-east-1', region: 'us-east-1' };
  expect(labels).toEqual({
    ObjectiveFailed: ['critical', ofObjective],
    BudgetBurnsFast: ['critical', { ...burning, sloth_severity: 'page' }],
    BudgetBurnsSlowly: ['warning', { ...burning, sloth_severity: 'ticket' }],
    AgentGone: ['warning', { vantage: 'eu-1', region: 'eu-west-1' }],
    SourceDown: ['warning', { source: 'eu-west-1', region: 'eu-west-1' }],
    RemoteWriteStalled: ['warning', { destination: 'writes' }],
    DrillNotRestored: ['critical', { drill: 'd-1', ...ofDrill }],
    DrillRunning: ['info', { drill: 'd-2', ...ofDrill }],
    DrillSilent: ['critical', { drill: 'd-2', ...ofDrill }],
    ResidencyViolation: ['critical', { check: 'residency', vantage: 'eu-1', country: 'DE', region: 'us-east-1' }],
  });
  expect(told().get('BlackstartAgentGone')?.generatorURL).toBe('https://blackstart.example/');
});
