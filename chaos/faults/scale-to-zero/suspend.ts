/** Suspends what would undo a drill, and resumes it: by compare-and-set, noted on the object itself. */
import type { Verified } from '../../../contract/drill.ts';
import { canonicalJson } from '../../../contract/json.ts';
import type { Written } from '../../cluster.ts';
import type { Remains } from '../../fault.ts';
import { Trouble } from '../../trouble.ts';
import {
  marking,
  pathText,
  type Suspended,
  type Suspension,
  type SuspensionMark,
  suspendedOf,
  suspensionName,
  suspensionRule,
} from './suspension.ts';
import type { Scaler, ScaleUndo } from './undo.ts';
import { fieldManager } from './undo.ts';

const attemptLimit = 50;

type Step = 'done' | { readonly mark: SuspensionMark | null; readonly value?: Suspension['before'] };
type Decide = (now: Suspended, suspension: Suspension) => Step;

/** Notes the drill on each, on the version that is as planned; and lets the restorer reach those elsewhere. */
export async function armSuspensions(scaler: Scaler, undo: ScaleUndo, signal: AbortSignal): Promise<void> {
  for (const namespace of elsewhere(undo)) {
    const rules = suspensionsOf(undo)
      .filter((suspension) => suspension.namespace === namespace)
      .map(suspensionRule);
    await scaler.grant(namespace, undo.drill, rules, signal);
  }
  for (const suspension of suspensionsOf(undo)) {
    await settle(scaler, suspension, signal, (now) => {
      if (now.mark?.drill === undo.drill && now.mark.state === 'armed') return 'done';
      if (now.mark !== null && now.mark.state !== 'resumed') throw taken(suspension, now);
      requireAsPlanned(now, suspension);
      return { mark: { drill: undo.drill, state: 'armed' } };
    });
  }
}

/** Suspends each. Goes on only while its note is `armed` with this drill's id. */
export async function suspend(scaler: Scaler, undo: ScaleUndo, signal: AbortSignal): Promise<void> {
  for (const suspension of suspensionsOf(undo)) {
    await settle(scaler, suspension, signal, (now) => {
      if (now.mark?.drill === undo.drill && now.mark.state === 'suspended') return 'done';
      if (now.mark?.drill !== undo.drill || now.mark.state !== 'armed') throw taken(suspension, now);
      requireAsPlanned(now, suspension);
      return { mark: { drill: undo.drill, state: 'suspended' }, value: suspension.during };
    });
  }
}

/** Resumes one. Idempotent; what somebody else has set meanwhile stays, and is noted. */
export async function resume(
  scaler: Scaler,
  undo: ScaleUndo,
  suspension: Suspension,
  signal: AbortSignal,
): Promise<void> {
  const resumed = { drill: undo.drill, state: 'resumed' } as const;
  await settle(scaler, suspension, signal, (now) => {
    if (now.at.uid !== suspension.uid || now.mark?.state === 'resumed') return 'done';
    if (now.mark === null) return isOurs(now, suspension) ? { mark: resumed, value: suspension.before } : 'done';
    if (now.mark.drill !== undo.drill) return 'done';
    if (now.mark.state === 'armed') return { mark: resumed };
    return isDuring(now, suspension)
      ? { mark: resumed, value: suspension.before }
      : { mark: { ...resumed, found: now.value } };
  });
}

/** Whether each was resumed, read afresh. */
export async function suspensionRemains(
  scaler: Scaler,
  undo: ScaleUndo,
  signal: AbortSignal,
): Promise<Pick<Remains, 'left' | 'notes' | 'verified'>> {
  const left: string[] = [];
  const notes: string[] = [];
  const verified: Verified[] = [];
  for (const suspension of suspensionsOf(undo)) {
    const at = await scaler.object(suspension, signal);
    const now = at === null || at.uid !== suspension.uid ? null : suspendedOf(at, suspension);
    const { state, sentence } = judged(now, suspension, undo);
    if (sentence !== null) (state === 'left' ? left : notes).push(sentence);
    const field = pathText(suspension.path);
    const found = now === null ? 'it is gone' : `${field} is ${shown(now.value)}`;
    const wanted = `${field} is ${shown(suspension.before)}`;
    verified.push({ part: 'suspended reconcilers', name: suspensionName(suspension), wanted, found, state });
  }
  return { left, notes, verified };
}

type Judged = { readonly state: Verified['state']; readonly sentence: string | null };

/** `null`: it is gone, or another of the same name. */
function judged(now: Suspended | null, suspension: Suspension, undo: ScaleUndo): Judged {
  const name = `${suspensionName(suspension)} in ${undo.context}`;
  const field = pathText(suspension.path);
  const changed = (what: string): Judged => ({ state: 'changed', sentence: `${name}${what}` });
  const stays = (what: string): Judged => ({ state: 'left', sentence: `${name}${what}` });
  if (now === null) return changed(' was deleted by somebody else during the drill');
  const isOpen = now.mark?.drill === undo.drill && now.mark.state !== 'resumed';
  if (isDuring(now, suspension) && (isOpen || isOurs(now, suspension))) {
    return stays(` is still suspended: ${field} is ${shown(now.value)}, was ${shown(suspension.before)}`);
  }
  if (isOpen) return stays(`: the annotation still says ${now.mark?.state}`);
  if (now.mark?.drill === undo.drill && now.mark.found !== undefined) {
    return changed(` was no longer suspended: ${field} was set to ${shown(now.mark.found)} by somebody else`);
  }
  if (isSame(now.value, suspension.before)) return { state: 'as-it-was', sentence: null };
  return changed(`: ${field} is ${shown(now.value)}, was ${shown(suspension.before)}: changed by ${who(now)}`);
}

/** Takes this drill's notes away, and what its restorer was granted elsewhere. */
export async function disarmSuspensions(scaler: Scaler, undo: ScaleUndo, signal: AbortSignal): Promise<void> {
  for (const suspension of suspensionsOf(undo).toReversed()) {
    await gone(() =>
      settle(scaler, suspension, signal, (now) => (now.mark?.drill === undo.drill ? { mark: null } : 'done')),
    );
  }
  for (const namespace of elsewhere(undo)) await scaler.revoke(namespace, undo.drill, signal);
}

/** The same writes, judged by the cluster and without effect. */
export async function rehearseSuspensions(scaler: Scaler, undo: ScaleUndo, signal: AbortSignal): Promise<void> {
  for (const suspension of suspensionsOf(undo)) {
    const at = await scaler.object(suspension, signal);
    if (at === null) throw missing(suspension);
    const changes = [
      marking({ drill: undo.drill, state: 'armed' }),
      { path: suspension.path, value: suspension.during },
    ];
    await scaler.change(at, changes, { dryRun: true }, signal);
  }
}

export function suspensionsOf(undo: ScaleUndo): readonly Suspension[] {
  return undo.suspensions ?? [];
}

/** Namespaces beside the drill's own: a restorer's rights end at its own. */
function elsewhere(undo: ScaleUndo): readonly string[] {
  const namespaces = suspensionsOf(undo).map(({ namespace }) => namespace);
  return [...new Set(namespaces)].filter((namespace) => namespace !== undo.namespace);
}

/** Reads, decides, writes by compare-and-set; on a conflict reads and decides again. */
async function settle(scaler: Scaler, suspension: Suspension, signal: AbortSignal, decide: Decide): Promise<void> {
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    signal.throwIfAborted();
    const at = await scaler.object(suspension, signal);
    if (at === null) throw missing(suspension);
    const step = decide(suspendedOf(at, suspension), suspension);
    if (step === 'done') return;
    const field = step.value === undefined ? [] : [{ path: suspension.path, value: step.value }];
    const written: Written = await scaler.change(at, [...field, marking(step.mark)], { dryRun: false }, signal);
    if (written.written) return;
  }
  throw new Trouble('taken', `${suspensionName(suspension)}: changed ${attemptLimit} times while it was being written`);
}

async function gone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Trouble && error.kind === 'missing')) throw error;
  }
}

function requireAsPlanned(now: Suspended, suspension: Suspension): void {
  const name = suspensionName(suspension);
  if (now.at.uid !== suspension.uid) throw new Trouble('taken', `${name}: was deleted and made anew since the plan`);
  if (isSame(now.value, suspension.before)) return;
  const field = pathText(suspension.path);
  throw new Trouble(
    'taken',
    `${name}: ${field} is ${shown(now.value)}, want ${shown(suspension.before)}: changed by ${who(now)}`,
  );
}

/** At the value of the drill by our own hand, when somebody has removed the note. */
function isOurs(now: Suspended, suspension: Suspension): boolean {
  return now.mark === null && isDuring(now, suspension) && now.writer === fieldManager;
}

function isDuring({ value }: Suspended, { during }: Suspension): boolean {
  return isSame(value, during);
}

function isSame(a: Suspension['before'], b: Suspension['before']): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

function shown(value: Suspension['before']): string {
  return value === null ? 'absent' : JSON.stringify(value);
}

function who({ writer }: Suspended): string {
  return writer === null || writer === fieldManager ? 'somebody else' : writer;
}

function taken(suspension: Suspension, { mark }: Suspended): Trouble {
  const name = suspensionName(suspension);
  return mark === null
    ? new Trouble('taken', `${name}: the drill's annotation is gone: removed by somebody else`)
    : new Trouble('taken', `${name}: its annotation says ${mark.state} for drill ${mark.drill}`);
}

function missing(suspension: Suspension): Trouble {
  return new Trouble('missing', `${suspensionName(suspension)}: there is none`);
}
