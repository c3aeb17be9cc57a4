import type { EntryExpectation, Workload } from '../../scenarios/scenario.ts';
import type { Right } from '../cluster.ts';

/** How something was seen by the fleet lately. */
export type SubjectHealth = {
  readonly kind: 'entry' | 'region';
  readonly name: string;
  /** The newest rounds, newest first: whether most vantages found it well. Fewer when fewer are known. */
  readonly rounds: readonly boolean[];
  /** One reason of a bad result in them. */
  readonly because: string | null;
};

/** All that the guard decides by: read once, just before. */
export type GuardFacts = {
  readonly region: string;
  readonly context: string;
  readonly workloads: readonly Workload[];
  readonly expect: readonly EntryExpectation[];
  readonly allow: { readonly contexts: readonly string[]; readonly workloads: readonly string[] };
  readonly subjects: readonly SubjectHealth[];
  readonly vantages: readonly { readonly name: string; readonly healthy: boolean }[];
  /** Sentences on other drills that are not over, or that cannot be excluded. */
  readonly openDrills: readonly string[];
  readonly rights: readonly { readonly right: Right; readonly allowed: boolean; readonly because: string }[];
  /** Share in percent and replicas of each region; `null` where they could not be read. */
  readonly capacity: Readonly<Record<string, { readonly share: number; readonly replicas: number | null }>>;
};

export const ruleNames = [
  'guard.fleet-healthy',
  'guard.last-healthy-region',
  'guard.vantages',
  'guard.open-drill',
  'guard.allowed',
  'guard.restore-right',
  'guard.headroom',
] as const;
export type RuleName = (typeof ruleNames)[number];

export type Refusal = {
  /** Its place on the ladder, from 1. */
  readonly number: number;
  readonly rule: RuleName;
  readonly because: string;
  /** What would change it. */
  readonly remedy: string;
};
