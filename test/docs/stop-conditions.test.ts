/** docs/drills/stop-conditions.md says what drills say when they stop. */
import { describe, expect, test } from 'vitest';
import { describeStop, type StopFacts, type StopName, stopNames, stopOf } from '../../chaos/stop-conditions.ts';
import { flowing, pageText, sectionsOf } from './pages.ts';

const sections = sectionsOf(pageText('stop-conditions.md'));

const lease = { lost: null, asked: null, durationMs: 30_000, silentForMs: 0, restorerSilentForMs: 0 };
const calm: StopFacts = {
  phase: 'holding',
  region: 'us-east-1',
  interrupted: false,
  lease,
  byHand: null,
  leak: null,
  replicas: null,
  ended: null,
  regions: [],
  own: undefined,
  burns: [],
  fleetSilentForMs: 0,
  fleetLimitMs: 30_000,
  sinceInjectionMs: 1_000,
  deadlineMs: 300_000,
  journal: null,
};
const burn = {
  objective: 'errors.eu-west-1',
  leastBurn: 66.2,
  measuredBurn: 100,
  good: 900,
  bad: 100,
  limit: 14.4,
  overMs: 60_000,
};
const changed =
  'deployment/agent-api has 12 replicas, the drill set 0: changed by kubectl-scale. What comes back from here on was restored by somebody else, and is no recovery';
const ended =
  'door at the switchboard of us-east-1 is no longer set for this drill: its lease ended, or somebody took it back';
const leak = 'available but not compliant: 3 of 12 residency checks were served against the rule';
const sick = { kind: 'region', name: 'eu-west-1', rounds: [false, false, false] } as const;

/** As a runner reads them when each condition holds, and no graver one. */
const facts: { readonly [N in StopName]: Partial<StopFacts> } = {
  'stop.interrupted': { interrupted: true },
  'stop.lease-lost': {
    lease: { ...lease, lost: 'Lease blackstart-lose-us-east-1 was taken over by restorer-1' },
  },
  'stop.asked': { lease: { ...lease, asked: 'enough' } },
  'stop.by-hand': { byHand: 'the annotation blackstart.dev/stop was set on deployment/agent-api: too loud' },
  'stop.residency-leak': { leak },
  'stop.second-region': { regions: [{ ...sick, because: 'status: got 503, want 200' }] },
  'stop.replicas-changed': { replicas: changed },
  'stop.fault-ended': { ended },
  'stop.burn': { burns: [burn] },
  'stop.restorer-silent': { lease: { ...lease, restorerSilentForMs: 90_400 } },
  'stop.cluster-lost': { lease: { ...lease, silentForMs: 30_400 } },
  'stop.fleet-lost': { fleetSilentForMs: 30_400 },
  'stop.deadline': { sinceInjectionMs: 306_000 },
  'stop.journal': { journal: 'the journal cannot be written: ENOSPC: no space left on device, write' },
};

test('each stop condition has its section, in the order in which they are asked, and each section its condition', () => {
  expect([...sections.keys()]).toEqual(stopNames);
  expect(flowing(pageText('stop-conditions.md'))).toContain(`The ${stopNames.length} conditions`);
});

describe('the section of', () => {
  for (const name of stopNames) {
    test(`${name} quotes what is said, and tells what is watched, its number, and what would change it`, () => {
      const stop = stopOf({ ...calm, ...facts[name] });
      expect(stop?.name).toBe(name);
      const section = sections.get(name) ?? '';
      expect(section).toContain(stop === null ? name : flowing(describeStop(stop)));
      for (const part of ['**Watches** ', '**Number:** ', '**What would change it:** '])
        expect(section).toContain(part);
    });

    test(`${name} says in which phases it stops a drill`, () => {
      const stops = (phase: StopFacts['phase']): boolean => stopOf({ ...calm, ...facts[name], phase }) !== null;
      const section = sections.get(name) ?? '';
      if (stops('failing-back')) expect(section).toContain('in every phase');
      else if (stops('baseline')) expect(section).toContain('until restoring begins');
      else expect(section).toMatch(/while (the region is dark|this one is dark|they are meant to be gone)/);
    });
  }
});
