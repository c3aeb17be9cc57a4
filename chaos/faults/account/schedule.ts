/** The dead-man's switch of faults in a cloud account: a schedule there that mends once, unless it is moved on. */
import { createHash } from 'node:crypto';
import { type Clock, sleep } from '../../../contract/clock.ts';
import type { AccountAction, OneShot, Schedules, Spelling } from '../../account.ts';
import { Trouble } from '../../trouble.ts';

/** Whom schedules act as, and where they are. Part of the undo record. */
export type AccountUndo = { readonly role: string; readonly region: string };

/**
 * A signed request is good for five minutes: one that a dead runner had sent may still arrive so late. So the
 * schedule is always moved to later than that, with a minute for clocks that are apart, and one more.
 */
export const untilNothingArrivesMs = 7 * 60_000;
/** Both proofs, and what comes after them. */
const whileArmingMs = 15 * 60_000;
/** It acts up to a minute after its time; AWS's own word is "within 60 seconds". */
const provenWithinMs = 100_000;
const lookEveryMs = 3_000;
/** A schedule for a moment that has passed when the request arrives may be refused. */
const soonMs = 5_000;
const mostClockErrorMs = 60_000;
const spellings: readonly Spelling[] = ['sdk', 'api'];

/** `blackstart-ecs-…`: one name for each target, so that making it keeps other drills of it out. */
export function scheduleName(kind: string, ...target: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(target)).digest('hex');
  return `blackstart-${kind}-${digest.slice(0, 24)}`;
}

export type Planned = { readonly name: string; readonly drill: string; readonly undo: AccountUndo };

/** Makes the schedule that mends, and refuses where another drill's is there, or the clocks are apart. */
export async function makeSchedule(
  schedules: Schedules,
  planned: Planned,
  action: AccountAction,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const sentMs = clock.wallMs();
  const found = await schedules.read(planned.name, signal);
  if (found !== null && !isOf(found.description, planned.drill)) {
    throw new Trouble('taken', `schedule ${planned.name} is there already: ${found.description}`);
  }
  const schedule = oneShot(planned, action, sentMs + whileArmingMs);
  if (found === null) await schedules.create(schedule, signal);
  else await schedules.replace(schedule, signal);
  const made = await schedules.read(planned.name, signal);
  if (made === null) throw gone(planned.name);
  if (found !== null) return;
  const apartMs = made.createdAtMs - clock.wallMs();
  if (made.createdAtMs < sentMs - mostClockErrorMs || apartMs > mostClockErrorMs) {
    await schedules.remove(planned.name, signal);
    const seconds = Math.round(apartMs / 1_000);
    throw new Trouble('wrong-input', `the account's clock is ${seconds} s from this machine's: want at most 60 s`);
  }
}

/**
 * Has the account itself do a first, harmless thing in the same way as it would mend: only what has been seen to act is
 * relied on. Rejects where it does not act in either spelling.
 */
export async function prove(
  schedules: Schedules,
  planned: Planned,
  { action, isDone }: { readonly action: AccountAction; readonly isDone: (signal: AbortSignal) => Promise<boolean> },
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const proof = { ...planned, name: `${planned.name}-proof` };
  for (const spelling of spellings) {
    schedules.spelling = spelling;
    await schedules.remove(proof.name, signal);
    await schedules.create(oneShot(proof, action, clock.wallMs() + soonMs), signal);
    const untilMs = clock.nowMs() + soonMs + provenWithinMs;
    while (clock.nowMs() < untilMs) {
      await sleep(clock, lookEveryMs, signal);
      if (!(await isDone(signal))) continue;
      await schedules.remove(proof.name, signal);
      return;
    }
    await schedules.remove(proof.name, signal);
    if (action.kind !== 'change-records') break;
  }
  const because = `did not act within ${provenWithinMs / 1_000} s; may EventBridge Scheduler assume ${planned.undo.role}?`;
  throw new Trouble('forbidden', `schedule ${proof.name} ${because}`);
}

/** Moves it to `inMs` from now. A schedule that is gone has acted, or was removed: then nothing more is to be injected. */
export async function moveSchedule(
  schedules: Schedules,
  planned: Planned,
  { action, inMs }: { readonly action: AccountAction; readonly inMs: number },
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const moved = await schedules.replace(oneShot(planned, action, clock.wallMs() + inMs), signal);
  if (!moved) throw gone(planned.name);
}

/** Takes away the schedule and its proof; that of another drill stays. */
export async function removeSchedule(schedules: Schedules, planned: Planned, signal: AbortSignal): Promise<void> {
  await schedules.remove(`${planned.name}-proof`, signal);
  if (await isThere(schedules, planned, signal)) await schedules.remove(planned.name, signal);
}

export async function isThere(schedules: Schedules, planned: Planned, signal: AbortSignal): Promise<boolean> {
  const found = await schedules.read(planned.name, signal);
  return found !== null && isOf(found.description, planned.drill);
}

function oneShot(planned: Planned, action: AccountAction, atMs: number): OneShot {
  const { name, undo } = planned;
  return { name, atMs, description: descriptionOf(planned.drill), role: undo.role, action };
}

function descriptionOf(drill: string): string {
  return `mends for drill ${drill} when nobody else does`;
}

function isOf(description: string, drill: string): boolean {
  return description === descriptionOf(drill);
}

function gone(name: string): Trouble {
  return new Trouble('taken', `schedule ${name} is gone: it has acted, or somebody has removed it`);
}
