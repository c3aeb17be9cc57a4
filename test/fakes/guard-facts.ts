/** What the guard decides by, for each of its rules: facts that it objects to, and nothing else does. */
import type { GuardFacts } from '../../chaos/guard.ts';
import { finding } from '../../chaos/preflight/finding.ts';
import type { RuleName } from '../../contract/guard.ts';
import { paused } from './suspensions.ts';

const rounds = [true, true, true];
const right = {
  verb: 'update',
  group: 'apps',
  resource: 'deployments',
  subresource: 'scale',
  name: 'agent-api',
} as const;

/** Nothing to object to but a want of headroom. */
export const well: GuardFacts = {
  region: 'us-east-1',
  context: 'us-east-1',
  workloads: [{ kind: 'deployment', name: 'agent-api' }],
  expect: [{ entry: 'api', servedBy: ['eu-west-1'], withinMs: 8_000, failbackMs: 8_000, residency: null }],
  allow: { contexts: ['us-east-1'], workloads: ['deployment/agent-api'], hours: null, freezes: [] },
  subjects: [
    { kind: 'entry', name: 'api', rounds, because: null },
    { kind: 'region', name: 'us-east-1', rounds, because: null },
    { kind: 'region', name: 'eu-west-1', rounds, because: null },
  ],
  vantages: [
    { name: 'us-east-1', healthy: true },
    { name: 'eu-west-1', healthy: true },
  ],
  openDrills: [],
  rights: [{ right, allowed: true, because: '' }],
  capacity: { 'us-east-1': { share: 60, replicas: 10 }, 'eu-west-1': { share: 40, replicas: 10 } },
  // A Saturday.
  wallMs: Date.UTC(2026, 10, 21, 12, 34),
  budgets: [],
  credentials: [],
  neededForMs: 600_000,
  forbidden: [],
  owners: [],
  suspend: [],
  mortal: null,
};

export const scaledObject = finding({
  owner: 'keda',
  name: 'ScaledObject default/agent-api',
  workload: 'deployment/agent-api',
  will: 'undo',
  withinMs: 30_000,
  suspension: paused,
  sentence: 'ScaledObject default/agent-api asks for at least 2',
});
const budgetFinding = finding({
  owner: 'disruption-budget',
  name: 'PodDisruptionBudget default/agent-api',
  workload: 'deployment/agent-api',
  will: 'forbid',
  sentence: 'PodDisruptionBudget default/agent-api wants at least 9 of the 10 pods',
  remedy: 'change the budget',
});
export const office = { days: ['mon', 'fri'], fromMinute: 540, toMinute: 960, timeZone: 'Europe/Berlin' } as const;
const budget = {
  objective: 'availability',
  target: 0.999,
  windowMs: 30 * 86_400_000,
  allowedMs: 43.2 * 60_000,
  spentMs: 40 * 60_000,
  charged: true,
  inDrillsMs: 60_000,
  forecastMs: 3 * 60_000,
};

/** Facts that one rule alone objects to, and what its sentence has to say. */
export const objections: { readonly [R in RuleName]: { readonly facts: Partial<GuardFacts>; readonly says: string } } =
  {
    'guard.fleet-healthy': {
      facts: {
        subjects: [
          { kind: 'entry', name: 'api', rounds: [true, false, true], because: 'status: got 503, want 200' },
          ...well.subjects.slice(1),
        ],
      },
      says: 'entry api was well in 2 of its last 3 rounds (status: got 503, want 200)',
    },
    'guard.last-healthy-region': {
      facts: { subjects: well.subjects.slice(0, 2) },
      says: 'the last healthy region',
    },
    'guard.vantages': {
      facts: {
        vantages: [
          { name: 'us-east-1', healthy: true },
          { name: 'eu-west-1', healthy: false },
        ],
      },
      says: '1 of 2 vantages are healthy, want at least 2: not eu-west-1',
    },
    'guard.open-drill': {
      facts: { openDrills: ['drill d0 holds a live Lease in us-east-1 (runner-d0)'] },
      says: '1 other drill is not over: drill d0 holds a live Lease',
    },
    'guard.allowed': {
      facts: { allow: { ...well.allow, workloads: ['deployment/other'] } },
      says: 'deployment/agent-api (allow.workloads: deployment/other)',
    },
    'guard.restore-right': {
      facts: { rights: [{ right, allowed: false, because: 'RBAC: no rule' }] },
      says: '1 of 1 rights that restoring needs are denied in us-east-1: update deployments/scale agent-api (RBAC: no rule)',
    },
    'guard.headroom': {
      facts: { capacity: { 'us-east-1': { share: 60, replicas: 10 }, 'eu-west-1': { share: 40, replicas: 9 } } },
      says: 'without us-east-1 9 pods remain and carry 54 of 100 % at 6.0 % a pod',
    },
    'guard.hours': {
      facts: { allow: { ...well.allow, hours: office } },
      says: 'it is sat 13:34 in Europe/Berlin, and drills may begin on mon, fri from 09:00 to 16:00',
    },
    'guard.freeze': {
      facts: {
        allow: {
          ...well.allow,
          freezes: [{ from: '2026-11-20', to: '2026-11-21', because: 'a sale', timeZone: 'Europe/Berlin' }],
        },
      },
      says: '2026-11-21 in Europe/Berlin lies in a freeze: 2026-11-20 to 2026-11-21 (a sale)',
    },
    'guard.error-budget': {
      facts: { budgets: [budget] },
      says: 'objective availability allows 43.2 min of failure (0.10 % of 30.0 d): at least 40.0 min of it are spent, 60.00 s by drills, this one would burn 3.0 min, which leaves -48.00 s',
    },
    'guard.credentials': {
      facts: {
        credentials: [{ what: 'the token of user ci', expiresAtMs: Date.UTC(2026, 10, 21, 12, 39), renewed: false }],
      },
      says: 'credentials for us-east-1 have to last 10.0 min, which is the deadline of the drill and the time that restoring may take: the token of user ci expires at 2026-11-21T12:39:00.000Z, in 5.0 min',
    },
    'guard.reconciler': {
      facts: { owners: [scaledObject] },
      says: '1 owner of replicas would undo it: ScaledObject default/agent-api asks for at least 2',
    },
    'guard.disruption-budget': {
      facts: { owners: [scaledObject, budgetFinding] },
      says: 'PodDisruptionBudget default/agent-api wants at least 9 of the 10 pods',
    },
    'guard.undo': {
      facts: { mortal: 'region us-east-1 has no switchboard' },
      says: 'the undo could die with this machine: region us-east-1 has no switchboard',
    },
  };
