/** Keys by which a scenario says what a drill may touch, suspend and cost. */
import { describe, expect, test } from 'vitest';
import { type GuardFacts, judgeGuard } from '../../chaos/guard.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { well } from '../fakes/guard-facts.ts';
import { broken, kubernetes, mistakesOf, type Source, sound } from './sound.ts';

function withDrill(more: Source): Source {
  const [drill] = sound()['drills'] as readonly Source[];
  return broken(['drills', 0], { ...drill, ...more });
}

function drillOf(source: Source) {
  const [drill] = parseScenario(source).drills;
  if (drill === undefined) throw new Error('no drill');
  return drill;
}

describe('suspend', () => {
  test('is nothing unless the drill says so', () => {
    expect(drillOf(sound()).suspend).toEqual([]);
  });

  test('names who may be suspended', () => {
    expect(drillOf(withDrill({ suspend: ['keda', 'argo-cd', 'flux'] })).suspend).toEqual(['keda', 'argo-cd', 'flux']);
  });

  test('of somebody who cannot be is a mistake, and says who can', () => {
    expect(mistakesOf(withDrill({ suspend: ['hpa'] }))).toEqual([
      'drills[0].suspend[0]: got "hpa", want one of keda, argo-cd, flux',
    ]);
  });
});

describe('workloads', () => {
  const withWorkloads = (workloads: readonly unknown[], allowed: readonly unknown[]): Source => ({
    ...broken(['regions', 'us-east-1', 'kubernetes'], { ...kubernetes, workloads }),
    allow: { contexts: ['us'], workloads: allowed },
  });

  test('may be of any kind with a scale, as PLURAL.GROUP/NAME, beside Deployments and StatefulSets, in their order', () => {
    const names = ['statefulset/store', 'rollouts.argoproj.io/shop', 'deployment/shop'];
    const scenario = parseScenario(withWorkloads(names, names));
    expect(scenario.regions['us-east-1']?.kubernetes?.workloads).toEqual([
      { kind: 'statefulset', name: 'store' },
      { kind: 'rollouts.argoproj.io', name: 'shop' },
      { kind: 'deployment', name: 'shop' },
    ]);
    expect(scenario.allow.workloads).toEqual(names);
  });

  for (const workload of ['shop', 'daemonset/shop', 'rollouts/shop', 'deployment/', 'deployment/a/b', 7]) {
    test(`as ${JSON.stringify(workload)} are a mistake`, () => {
      const [first] = mistakesOf(withWorkloads([workload], []));
      expect(first).toMatch(/^regions\.us-east-1\.kubernetes\.workloads\[0\]: got .*, want a workload as kind\/name/);
    });
  }

  test('that no region names cannot be allowed', () => {
    const [first] = mistakesOf(withWorkloads(['deployment/shop'], ['rollouts.argoproj.io/shop']));
    expect(first).toMatch(/^allow\.workloads\[0\]: got "rollouts\.argoproj\.io\/shop", want /);
  });
});

describe('hours over midnight', () => {
  const { allow } = parseScenario(
    broken(['allow'], { hours: { days: ['fri'], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' } }),
  );

  test('end on the next day', () => {
    expect(allow.hours).toEqual({ days: ['fri'], fromMinute: 1_320, toMinute: 360, timeZone: 'Europe/Berlin' });
  });

  /** In November Berlin is an hour ahead of UTC; the 20th is a Friday. */
  for (const [day, hour, isOpen] of [
    [20, 20.9, false],
    [20, 21, true],
    [21, 4.9, true],
    [21, 5, false],
    [21, 21.5, false],
    [20, 4.5, false],
  ] as const) {
    test(`are ${isOpen ? 'open' : 'closed'} on ${day} November at ${hour + 1} o'clock`, () => {
      const facts: GuardFacts = {
        ...well,
        allow: { ...well.allow, hours: allow.hours },
        wallMs: Date.UTC(2026, 10, day) + hour * 3_600_000,
      };
      const rules = judgeGuard(facts, { 'guard.headroom': 'known' }).refusals.map(({ rule }) => rule);
      expect(rules).toEqual(isOpen ? [] : ['guard.hours']);
    });
  }

  test('may be the whole day, and more than that is a mistake', () => {
    const hours = { days: ['sat'], from: '00:00', to: '24:00', timeZone: 'UTC' };
    expect(parseScenario(broken(['allow'], { hours })).allow.hours).toMatchObject({ fromMinute: 0, toMinute: 1_440 });
    expect(mistakesOf(broken(['allow'], { hours: { ...hours, to: '24:01' } }))).toHaveLength(1);
  });
});

describe('a freeze', () => {
  test('may have a time zone of its own, and needs a reason', () => {
    const freeze = { from: '2026-12-20', to: '2026-12-20', because: 'a sale', timeZone: 'America/New_York' };
    expect(parseScenario(broken(['allow'], { freezes: [freeze] })).allow.freezes).toEqual([freeze]);
    expect(mistakesOf(broken(['allow'], { freezes: [{ from: '2026-12-20', to: '2026-12-20' }] }))[0]).toContain(
      'allow.freezes[0].because',
    );
  });
});

describe('the end of a drill', () => {
  test('is a deadline, where it has one', () => {
    expect(drillOf(withDrill({ deadline: '6m' })).deadlineMs).toBe(360_000);
    expect(mistakesOf(withDrill({ deadline: '500ms' }))[0]).toMatch(/^drills\[0\]\.deadline: got "500ms"/);
  });

  test('is a burn over a stretch of time, each of which has its default', () => {
    expect(drillOf(withDrill({ stop: { burn: 6 } })).stop).toEqual({ burn: 6, overMs: 60_000, objectives: null });
    expect(drillOf(withDrill({ stop: { over: '2m' } })).stop).toEqual({
      burn: 14.4,
      overMs: 120_000,
      objectives: null,
    });
    expect(mistakesOf(withDrill({ stop: { burn: 0.5, over: '5s' } }))).toEqual([
      expect.stringMatching(/^drills\[0\]\.stop\.burn: got 0\.5/),
      expect.stringMatching(/^drills\[0\]\.stop\.over: got "5s"/),
    ]);
  });
});
