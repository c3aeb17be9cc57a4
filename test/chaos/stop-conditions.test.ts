import { describe, expect, test } from 'vitest';
import { type RunOptions, runDrill } from '../../chaos/run.ts';
import { leaveStop } from '../../chaos/runner/lease-watch.ts';
import { type StopFacts, type StopName, stopNames, stopOf } from '../../chaos/stop-conditions.ts';
import type { ObjectiveSlice } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import { type DrillWorld, deployment, drillWorld, inSimulatedTime, pass } from '../fakes/drill-world.ts';

const open = new AbortController().signal;

/** What has to happen, how the scenario has to be for it, and what the report then says. */
type Case = {
  readonly act: (world: DrillWorld) => void | Promise<void>;
  readonly drill?: Partial<DrillPlan>;
  readonly scenario?: (scenario: Scenario) => Scenario;
  readonly says: RegExp;
  /** 3 unless it says otherwise. */
  readonly exit?: number;
  /** 10 unless somebody else set another number. */
  readonly replicas?: number;
};

const objective: Objective = {
  id: 'errors.eu-west-1',
  check: 'home',
  region: 'eu-west-1',
  from: 'all',
  indicator: { kind: 'availability', target: 0.999 },
  windowMs: 2_592_000_000,
};

function slicesAt(nowMs: number, good: number, bad: number): readonly ObjectiveSlice[] {
  return [{ atMs: Math.floor(nowMs / 10_000) * 10_000, widthMs: 10_000, good, bad, missing: 0 }];
}

const residencyCheck: Scenario['checks'][number] = {
  name: 'eu-user',
  kind: 'residency',
  everyMs: 500,
  timeoutMs: 1_000,
  from: null,
  endpoint: { to: 'regions', only: ['eu-west-1'] },
  path: '/',
  method: 'POST',
  body: '{}',
  userCountry: 'US',
};
const api = { entry: 'api', servedBy: ['eu-west-1'], withinMs: 8_000, failbackMs: 8_000 };

const cases: { readonly [N in StopName]: Case } = {
  'stop.interrupted': {
    act: ({ interrupt }) => {
      interrupt.abort(new Error('Ctrl-C'));
      interrupt.abort(new Error('Ctrl-C again'));
    },
    says: /interrupted/,
    exit: 130,
  },
  'stop.lease-lost': {
    act: ({ cluster }) => {
      const [lease] = [...cluster.leases.values()];
      if (lease !== undefined) cluster.leases.set(lease.name, { ...lease, holder: 'restorer-1', version: 'taken' });
      cluster.scaleByHand(deployment, 10);
      cluster.markByHand(deployment, null);
    },
    says: /Lease blackstart-.* was taken over by restorer-1/,
  },
  'stop.asked': {
    async act({ cluster }) {
      const [name] = [...cluster.leases.keys()];
      expect(await leaveStop(cluster.as('operator'), name ?? '', 'enough', open)).toBe(true);
    },
    says: /stopped from outside: enough/,
  },
  'stop.by-hand': {
    act: ({ cluster }) => cluster.stopByHand(deployment, 'too loud'),
    says: /the annotation blackstart\.dev\/stop was set on deployment\/agent-api: too loud/,
  },
  'stop.residency-leak': {
    act: ({ fleet }) => {
      fleet.trouble.leaks = true;
    },
    drill: { expect: [{ ...api, residency: 'holds' }] },
    scenario: (scenario) => ({
      ...scenario,
      userCountryHeader: 'x-user-country',
      residency: [{ countries: ['US'], servedIn: ['US'], storedIn: ['US'], refusal: 451 }],
      checks: [...scenario.checks, residencyCheck],
    }),
    says: /available but not compliant: \d+ of \d+ residency checks were served against the rule/,
    exit: 1,
  },
  'stop.second-region': {
    act: ({ fleet }) => void fleet.trouble.sick.add('eu-west-1'),
    says: /a second region degrades: eu-west-1 was unwell at most vantages in its last 3 rounds \(status: got 503, want 200\)/,
  },
  'stop.replicas-changed': {
    act: ({ cluster }) => cluster.scaleByHand(deployment, 12),
    says: /deployment\/agent-api has 12 replicas, the drill set 0: changed by kubectl-scale/,
    replicas: 12,
  },
  'stop.fault-ended': {
    drill: { fault: { kind: 'edge', region: 'us-east-1', how: 'refuse', addMs: 0 } },
    act({ boards }) {
      const at = boards.board('us-east-1').read('door');
      boards
        .board('us-east-1')
        .set('door', { setting: null, drill: null, leaseMs: 1_000, ifVersion: at?.version ?? 0 });
    },
    says: /door at the switchboard of us-east-1 is no longer set for this drill/,
  },
  'stop.burn': {
    act: ({ fleet, clock }) => void fleet.trouble.slices.set(objective.id, slicesAt(clock.nowMs(), 900, 100)),
    drill: { holdMs: 30_000 },
    scenario: (scenario) => ({ ...scenario, objectives: [objective] }),
    says: /objective errors\.eu-west-1 burns 100\.0 times what its target allows, at least \d+\.\d, limit 14\.4: 100 of 1000 samples bad/,
  },
  'stop.restorer-silent': {
    act: ({ cluster }) => cluster.kubelet.die(),
    drill: { holdMs: 30_000 },
    says: /the restorer has fallen silent: no beat for 10\.\d s, limit 10\.0 s/,
  },
  'stop.cluster-lost': {
    act: ({ cluster, clock }) => {
      cluster.fate = () => 'refused-before';
      clock.after(5_000, () => {
        cluster.fate = () => 'done';
      });
    },
    drill: { holdMs: 30_000 },
    says: /contact with the cluster is lost: the Lease could not be renewed for 2\.\d s, limit 2\.0 s/,
  },
  'stop.fleet-lost': {
    act: ({ fleet }) => {
      fleet.trouble.silentForMs = 10_100;
    },
    says: /contact with the aggregator is lost: nothing heard for 10\.1 s, limit 10\.0 s/,
  },
  'stop.deadline': {
    act: () => undefined,
    drill: { deadlineMs: 10_000, holdMs: 60_000 },
    says: /the deadline has passed: 10\.\d\d s since the injection, limit 10\.00 s/,
  },
  'stop.journal': {
    act: (world) => {
      world.onJournal = () => {
        world.onJournal = () => undefined;
        throw new Error('no space left on device');
      };
    },
    says: /the journal cannot be written: no space left on device/,
  },
};

function optionsOf(world: DrillWorld, { drill, scenario }: Case): RunOptions {
  const changed = scenario?.(world.options.scenario) ?? world.options.scenario;
  return { ...world.options, scenario: changed, drill: { ...world.options.drill, ...drill } };
}

async function untilHolding(world: DrillWorld): Promise<void> {
  const isHolding = (): boolean => world.progress.some((event) => event.kind === 'phase' && event.phase === 'holding');
  for (let steps = 0; steps < 5_000 && !isHolding(); steps += 1) await pass(world.clock, 10);
  expect(isHolding()).toBe(true);
}

describe('each stop condition restores, and is told with its numbers', () => {
  for (const name of stopNames) {
    test(name, async () => {
      const one = cases[name];
      const world = await drillWorld({ drill: { holdMs: 3_000 } });
      const outcome = runDrill(optionsOf(world, one), world.deps);
      outcome.catch(() => undefined);
      await untilHolding(world);
      await Promise.all([one.act(world), pass(world.clock, 50)]);
      const { report, exit } = await inSimulatedTime(world.clock, outcome);
      const stopped = `${report.verdict.because} ${report.stopped}`;
      expect(stopped).toMatch(one.says);
      expect(stopped).toContain(`(${name})`);
      expect({ exit, restored: report.restored }).toEqual({ exit: one.exit ?? 3, restored: true });
      expect(world.cluster.replicas(deployment)).toBe(one.replicas ?? 10);
      expect(world.cluster.mark(deployment)).toBeNull();
    });
  }
});

describe('what may stop a drill', () => {
  const calm: StopFacts = {
    phase: 'holding',
    region: 'us-east-1',
    interrupted: false,
    lease: { lost: null, asked: null, durationMs: 2_000, silentForMs: 0, restorerSilentForMs: 0 },
    byHand: null,
    leak: null,
    replicas: null,
    ended: null,
    regions: [{ kind: 'region', name: 'eu-west-1', rounds: [true, true, true], because: null }],
    own: undefined,
    burns: [],
    fleetSilentForMs: 0,
    fleetLimitMs: 10_000,
    sinceInjectionMs: 1_000,
    deadlineMs: 10_000,
    journal: null,
  };
  const sick = (name: string) => ({ kind: 'region', name, rounds: [false, false, false], because: 'x' }) as const;

  test('is nothing while all is well', () => {
    expect(stopOf(calm)).toBeNull();
  });
  test('is not the region that was taken away', () => {
    expect(stopOf({ ...calm, regions: [sick('us-east-1')] })).toBeNull();
    expect(stopOf({ ...calm, regions: [sick('eu-west-1')] })?.name).toBe('stop.second-region');
  });
  test('is no region that was well in one of its last rounds', () => {
    expect(stopOf({ ...calm, regions: [{ ...sick('eu-west-1'), rounds: [false, true, false] }] })).toBeNull();
  });
  test('is no leak, deadline, region or replicas once restoring has begun', () => {
    const late = { leak: 'x', replicas: 'x', regions: [sick('eu-west-1')], sinceInjectionMs: 99_000 };
    expect(stopOf({ ...calm, ...late, phase: 'failing-back' })).toBeNull();
  });
  test.each([
    {
      phase: 'failing-back',
      rounds: [true, true, true],
      says: /region us-east-1 itself serves .* its control plane is away, not the region/,
    },
    {
      phase: 'failing-back',
      rounds: [false, false, false],
      says: /does not serve either .* the whole region may be away/,
    },
    { phase: 'baseline', rounds: [true, false, true], says: /serves at times \(well in 2 of its last 3 rounds\)/ },
    { phase: 'baseline', rounds: [], says: /is not known: no check asks it/ },
    { phase: 'holding', rounds: [false, false, false], says: /is at zero, so its checks say nothing of it/ },
  ] as const)('tells a dead control plane from a dead region: $phase, $rounds', ({ phase, rounds, says }) => {
    const lease = { lost: null, asked: null, durationMs: 2_000, silentForMs: 9_000, restorerSilentForMs: 0 };
    const own = { kind: 'region', name: 'us-east-1', rounds, because: null } as const;
    const stop = stopOf({ ...calm, phase, own, lease });
    expect(stop?.name).toBe('stop.cluster-lost');
    expect(stop?.because).toMatch(says);
  });
  test('is told by the gravest of several', () => {
    expect(stopOf({ ...calm, interrupted: true, leak: 'x', journal: 'x' })?.name).toBe('stop.interrupted');
    expect(stopOf({ ...calm, leak: 'x', journal: 'x' })?.name).toBe('stop.residency-leak');
  });
});
