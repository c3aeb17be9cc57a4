import type { RuleName } from '../../contract/guard.ts';
import { type Right, stopKey, workloadName } from '../cluster.ts';
import { notUndone, withinBudgets } from '../preflight/rules.ts';
import { budgetLeft } from './budget.ts';
import { notFrozen, withinHours } from './calendar.ts';
import { headroomOf } from './capacity.ts';
import { outlive } from './credentials.ts';
import type { GuardFacts, Objection, SubjectHealth } from './facts.ts';

export const healthyRounds = 3;
const vantagesNeeded = 2;

type Rule = (facts: GuardFacts) => Objection | undefined;

/** The ladder, in the order in which it is climbed. */
export const rules: { readonly [R in RuleName]: Rule } = {
  'guard.fleet-healthy': fleetHealthy,
  'guard.last-healthy-region': lastHealthyRegion,
  'guard.vantages': enoughVantages,
  'guard.open-drill': noOpenDrill,
  'guard.allowed': allowedByName,
  'guard.restore-right': mayRestore,
  'guard.headroom': headroomOf,
  'guard.hours': withinHours,
  'guard.freeze': notFrozen,
  'guard.error-budget': budgetLeft,
  'guard.credentials': outlive,
  'guard.reconciler': notUndone,
  'guard.disruption-budget': withinBudgets,
  'guard.undo': outlivesUs,
};

function isWell({ rounds }: SubjectHealth): boolean {
  return rounds.length >= healthyRounds && rounds.slice(0, healthyRounds).every(Boolean);
}

/** A subject that the scenario never checks has no rounds at all, and is judged by the drill's own burst. */
function fleetHealthy({ subjects }: GuardFacts): Objection | undefined {
  const unwell = subjects.filter((subject) => !isWell(subject));
  if (unwell.length === 0) return undefined;
  const [first] = unwell;
  const reason = first?.because === null || first === undefined ? '' : ` (${first.because})`;
  const names = unwell.map(({ kind, name, rounds }) => {
    const well = rounds.slice(0, healthyRounds).filter(Boolean).length;
    return `${kind} ${name} was well in ${well} of its last ${healthyRounds} rounds`;
  });
  return {
    because: `the fleet is not healthy for ${healthyRounds} rounds: ${names.join(', ')}${reason}`,
    remedy: `wait until each has been well for ${healthyRounds} rounds in a row`,
  };
}

function lastHealthyRegion({ region, subjects }: GuardFacts): Objection | undefined {
  const others = subjects.filter((subject) => subject.kind === 'region' && subject.name !== region);
  const well = others.filter(isWell).map(({ name }) => name);
  if (well.length > 0) return undefined;
  const names = others.map(({ name }) => name).join(', ');
  return {
    because: `this would take the last healthy region: of the others (${names || 'none are checked'}) 0 are healthy, want at least 1`,
    remedy: 'bring another region into service first, and have it checked by an http check to regions',
  };
}

function enoughVantages({ vantages }: GuardFacts): Objection | undefined {
  const healthy = vantages.filter((vantage) => vantage.healthy);
  if (healthy.length >= vantagesNeeded) return undefined;
  const sick = vantages.filter((vantage) => !vantage.healthy).map(({ name }) => name);
  return {
    because: `${healthy.length} of ${vantages.length} vantages are healthy, want at least ${vantagesNeeded}${sick.length > 0 ? `: not ${sick.join(', ')}` : ''}`,
    remedy: 'start agents, or look at why those that run report nothing good',
  };
}

function noOpenDrill({ openDrills }: GuardFacts): Objection | undefined {
  if (openDrills.length === 0) return undefined;
  return {
    because: `${openDrills.length} other ${openDrills.length === 1 ? 'drill is' : 'drills are'} not over: ${openDrills.join('; ')}`,
    remedy: 'wait for it to end, stop it with "drill stop", or mend what a dead runner left with "drill recover"',
  };
}

function allowedByName({ context, workloads, allow, forbidden }: GuardFacts): Objection | undefined {
  const [sign] = forbidden;
  if (sign !== undefined) {
    return {
      because: `${sign}${forbidden.length > 1 ? ` (and ${forbidden.length - 1} more)` : ''}: somebody keeps drills away from it`,
      remedy: `ask whoever set it, and remove it: kubectl annotate … ${stopKey}-`,
    };
  }
  const missing = [
    ...(allow.contexts.includes(context) ? [] : [`context ${context} (allow.contexts: ${shown(allow.contexts)})`]),
    ...workloads
      .map(workloadName)
      .filter((name) => !allow.workloads.includes(name))
      .map((name) => `${name} (allow.workloads: ${shown(allow.workloads)})`),
  ];
  if (missing.length === 0) return undefined;
  return {
    because: `the scenario does not allow ${missing.length} of what this drill would touch: ${missing.join(', ')}`,
    remedy: 'name them below "allow" in the scenario',
  };
}

function mayRestore({ context, rights }: GuardFacts): Objection | undefined {
  const denied = rights.filter(({ allowed }) => !allowed);
  if (denied.length === 0) return undefined;
  const names = denied.map(({ right, because }) => `${rightName(right)}${because === '' ? '' : ` (${because})`}`);
  return {
    because: `${denied.length} of ${rights.length} rights that restoring needs are denied in ${context}: ${names.join(', ')}`,
    remedy: 'grant them to the identity of this kubeconfig; "kubectl auth can-i" shows what it has',
  };
}

/** Somebody else has to be able to mend: the restorer, the target itself, or a schedule in the account. */
function outlivesUs({ mortal }: GuardFacts): Objection | undefined {
  if (mortal === null) return undefined;
  return {
    because: `the undo could die with this machine: ${mortal}`,
    remedy: 'give the fault a target that ends it by itself, or an account that may schedule the undo',
  };
}

function rightName({ verb, resource, subresource, name }: Right): string {
  return `${verb} ${resource}${subresource === null ? '' : `/${subresource}`}${name === null ? '' : ` ${name}`}`;
}

function shown(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
