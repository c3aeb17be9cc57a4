import { readFile, writeFile } from 'node:fs/promises';
import type { Prediction } from '../contract/drill.ts';
import { canonicalJson, isObject } from '../contract/json.ts';
import { workloadName } from './cluster.ts';
import { hashOfValue } from './evidence.ts';
import type { ScaledWorkload } from './faults/scale-to-zero.ts';
import { type AnyUndo, kindOf, scaleUndoIn } from './faults.ts';
import { describeRefusal, type Refusal } from './guard.ts';
import { describeFindings, type Finding, shownWill } from './preflight.ts';
import { closeClusters, type Prepared, prepare } from './runner/prepare.ts';
import type { DrillOptions, RunnerDeps } from './runner/types.ts';
import { sentenceOf, Trouble } from './trouble.ts';

/** What `drill plan --out` keeps: what would be done, and hashes of all that it was decided by. */
export type SavedPlan = {
  readonly v: 1;
  readonly drill: string;
  readonly region: string;
  readonly context: string;
  readonly workloads: readonly Pick<ScaledWorkload, 'kind' | 'name' | 'uid' | 'original'>[];
  readonly scenarioSha256: string;
  /** Of the zone's records and health checks; `null` where it could not be read. */
  readonly zoneSha256: string | null;
  /** Who else owns the replicas, and what they would do. */
  readonly owners: readonly SeenOwner[];
  /** Of workloads, zone and owners together: the state that the plan was made from. */
  readonly observedSha256: string;
  readonly prediction: Prediction;
  readonly refusals: readonly Refusal[];
};

type SeenOwner = Pick<Finding, 'owner' | 'name' | 'workload' | 'will'>;

export type Planned = { readonly saved: SavedPlan; readonly exit: 0 | 4; readonly text: string };

/** Reads and predicts; touches nothing. Exit 4 when the guard would refuse. */
export async function planDrill(options: DrillOptions, deps: RunnerDeps): Promise<Planned> {
  const prepared = await prepare(options, deps, deps.interrupt);
  try {
    const { prediction } = prepared;
    const saved = savedPlan(options, prepared, prediction.stages);
    const text = describePlan(options, prepared, prediction.text);
    return { saved, exit: saved.refusals.length > 0 ? 4 : 0, text };
  } finally {
    closeClusters(prepared);
  }
}

function savedPlan(options: DrillOptions, prepared: Prepared, prediction: Prediction): SavedPlan {
  const { undo, judgement, guard, home } = prepared;
  const observed = {
    workloads: workloadsIn(undo).map(({ kind, name, uid, original }) => ({ kind, name, uid, original })),
    zoneSha256: prepared.zone === null ? null : hashOfValue(prepared.zone),
    owners: ownersIn(guard.owners),
  };
  return {
    v: 1,
    drill: options.drill.name,
    region: prepared.region,
    context: home.context,
    scenarioSha256: hashOfValue(options.scenario),
    ...observed,
    observedSha256: hashOfValue(observed),
    prediction,
    refusals: judgement.refusals,
  };
}

/** Node autoscalers own no replicas, and which of their nodes is seen first is chance. */
function ownersIn(findings: readonly Finding[]): readonly SeenOwner[] {
  return findings
    .filter(({ owner }) => owner !== 'node-autoscaler')
    .map(({ owner, name, workload, will }) => ({ owner, name, workload, will }))
    .toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
}

function describePlan({ drill }: DrillOptions, prepared: Prepared, prediction: string): string {
  const { undo, judgement, vantages, guard } = prepared;
  const overridden = Object.entries(judgement.overridden).map(([rule, reason]) => `overridden: ${rule}: ${reason}`);
  return [
    ...wouldDo(drill.name, undo),
    `watched from ${vantages.map(({ vantage }) => vantage).join(', ')}, every ${drill.burst.everyMs} ms`,
    ...describeFindings(guard.owners, guard.suspend),
    ...overridden,
    prediction,
    judgement.refusals.length === 0
      ? 'The guard has no objection. Nothing was touched.'
      : judgement.refusals.map(describeRefusal).join('\n'),
  ].join('\n');
}

function wouldDo(name: string, undo: AnyUndo): readonly string[] {
  const [first = '', ...more] = kindOf(undo.fault).describe(undo);
  return [`drill ${name} would ${first}`, ...more];
}

function workloadsIn(undo: AnyUndo): readonly ScaledWorkload[] {
  return scaleUndoIn(undo)?.workloads ?? [];
}

/** What is no longer as the plan saw it, a sentence each. */
export function changesSince(saved: SavedPlan, options: DrillOptions, prepared: Prepared): readonly string[] {
  const now = savedPlan(options, prepared, saved.prediction);
  const changes: string[] = [];
  if (saved.drill !== now.drill) changes.push(`the plan is of drill ${saved.drill}, not ${now.drill}`);
  if (saved.scenarioSha256 !== now.scenarioSha256) changes.push('the scenario has changed');
  if (saved.zoneSha256 !== now.zoneSha256) {
    changes.push(now.zoneSha256 === null ? 'the zone can no longer be read' : 'records or health checks have changed');
  }
  const before = new Map(saved.workloads.map((workload) => [workloadName(workload), workload]));
  for (const workload of now.workloads) {
    const name = workloadName(workload);
    const was = before.get(name);
    if (was === undefined) changes.push(`${name} is not in the plan`);
    else if (was.uid !== workload.uid) changes.push(`${name} was deleted and made anew`);
    else if (was.original !== workload.original) {
      changes.push(`${name} has ${workload.original} replicas, the plan saw ${was.original}`);
    }
    before.delete(name);
  }
  for (const name of before.keys()) changes.push(`${name} is no longer part of the drill`);
  changes.push(...ownerChanges(saved.owners, now.owners));
  // A plan that was edited by hand says of itself what it did not see.
  if (changes.length === 0 && saved.observedSha256 !== now.observedSha256) {
    changes.push('what the plan was made from is no longer what it says');
  }
  return changes;
}

function ownerChanges(before: readonly SeenOwner[], now: readonly SeenOwner[]): readonly string[] {
  const key = ({ owner, name, workload }: SeenOwner): string => canonicalJson([owner, name, workload]);
  const [was, is] = [new Map(before.map((one) => [key(one), one])), new Map(now.map((one) => [key(one), one]))];
  return [
    ...now.flatMap((one) => {
      const seen = was.get(key(one));
      const at = `${one.name}, which owns replicas of ${one.workload},`;
      if (seen === undefined) return [`${at} has appeared: ${shownWill[one.will]}`];
      return seen.will === one.will
        ? []
        : [`${at} has changed: ${shownWill[one.will]}, the plan saw: ${shownWill[seen.will]}`];
    }),
    ...before
      .filter((one) => !is.has(key(one)))
      .map((one) => `${one.name}, which owned replicas of ${one.workload}, is gone`),
  ];
}

export async function writePlan(path: string, saved: SavedPlan): Promise<void> {
  await writeFile(path, `${JSON.stringify(saved, null, 2)}\n`).catch((error: unknown) => {
    throw new Trouble('wrong-input', `plan ${path} cannot be written: ${sentenceOf(error)}`, { cause: error });
  });
}

export async function readPlan(path: string): Promise<SavedPlan> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (!isSavedPlan(value)) throw new Error('it is not what "drill plan --out" writes');
    return value;
  } catch (error) {
    throw new Trouble('wrong-input', `plan ${path} cannot be used: ${sentenceOf(error)}`, { cause: error });
  }
}

function isSavedPlan(value: unknown): value is SavedPlan {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    typeof value['drill'] === 'string' &&
    typeof value['scenarioSha256'] === 'string' &&
    Array.isArray(value['workloads']) &&
    Array.isArray(value['owners']) &&
    typeof value['observedSha256'] === 'string'
  );
}
