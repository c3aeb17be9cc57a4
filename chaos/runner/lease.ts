import { type Clock, sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import { type LeaseDraft, type LeaseHome, type LeaseState, leaseNameOf, restorerKey, stopKey } from '../cluster.ts';
import { Trouble } from '../trouble.ts';
import { signOfLife } from './lease-watch.ts';

/** Renewed this often within its duration: six renewals may be lost before anybody takes it for dead. */
const renewalsPerDuration = 1 / 0.15;

/** Its version moves on under us while a restorer beats, and when a stop is asked for. */
const attemptLimit = 20;

/** A drill's claim on its region, in the cluster. While it is renewed nobody else mends. */
export type HeldLease = {
  readonly name: string;
  readonly uid: string;
  /** Aborts, with a sentence, once somebody else holds it. From then on this process must not write. */
  readonly lost: AbortSignal;
  /** The reason that `drill stop` left on it. */
  stopRequested(): string | null;
  /** Since when the cluster has not answered a renewal, in milliseconds. */
  silentForMs(): number;
  /** For how long the drill's restorer has not beaten, by what the cluster answered; `null` while it never has. */
  restorerSilentForMs(): number | null;
  /** Renews now. `false`: it is another's. Rejects when the cluster cannot be asked. */
  confirm(signal: AbortSignal): Promise<boolean>;
  /**
   * Resolves while it is this process's to write; renews first when the cluster's last word is too old to go by, as in
   * a process that was suspended. Rejects when it is another's, or when that cannot be known.
   */
  ensure(signal: AbortSignal): Promise<void>;
  /** Stops renewing and deletes it, last of all. `false`: it could not be deleted. */
  release(signal: AbortSignal): Promise<boolean>;
  /** Stops renewing and leaves it to expire. */
  abandon(): void;
};

export type LeaseClaim = {
  readonly drill: string;
  readonly holder: string;
  readonly durationMs: number;
  readonly annotations?: LeaseState['annotations'];
};

/** RFC 3339 with six digits, as the API has it. */
export function microTime(clock: Pick<Clock, 'wallMs'>): string {
  return new Date(clock.wallMs()).toISOString().replace('Z', '000Z');
}

/** Creates the Lease of a drill, and renews it from then on. Refuses when there is one. */
export async function createLease(
  home: LeaseHome,
  claim: LeaseClaim,
  clock: Clock,
  signal: AbortSignal,
): Promise<HeldLease> {
  const name = leaseNameOf(claim.drill);
  const now = microTime(clock);
  const { holder, durationMs, annotations = {} } = claim;
  const draft = { name, holder, durationMs, renewedAt: now, acquiredAt: now, transitions: 0, annotations };
  const created = await home.createLease(draft, signal);
  if (created !== null) return held(home, created, 'made-anew', clock);
  // An answer may have been lost, and then it is ours.
  const found = await home.lease(name, signal);
  if (found?.holder === holder) return held(home, found, 'made-anew', clock);
  throw new Trouble('taken', `Lease ${name} in ${home.context} is held by ${found?.holder ?? 'somebody else'}`);
}

/** Takes over a Lease that was seen silent. `null`: somebody was faster, or it lives. */
export async function takeLease(
  home: LeaseHome,
  seen: LeaseState,
  holder: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<HeldLease | null> {
  let at = seen;
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    const now = microTime(clock);
    const to = { ...at, holder, renewedAt: now, acquiredAt: now, transitions: at.transitions + 1 };
    const taken = await home.replaceLease(at, to, signal);
    if (taken !== null) return held(home, taken, 'lost', clock);
    // A beat of the restorer moves the version on, and says nothing of the holder.
    const found = await home.lease(at.name, signal);
    if (found === null || signOfLife(found) !== signOfLife(seen)) return null;
    at = found;
  }
  return null;
}

/** A Lease that is gone: its maker makes it anew; who took it over has been overtaken by one who swept it. */
type WhenGone = 'made-anew' | 'lost';

function held(home: LeaseHome, first: LeaseState, whenGone: WhenGone, clock: Clock): HeldLease {
  const over = new AbortController();
  const claim = renewable(home, first, whenGone, clock);
  void keepRenewing();

  async function keepRenewing(): Promise<void> {
    const everyMs = first.durationMs / renewalsPerDuration;
    while (!over.signal.aborted && !claim.lost.aborted) {
      try {
        await sleep(clock, everyMs, over.signal);
        await within(clock, first.durationMs / 3, over.signal, claim.renew);
      } catch {
        // No answer this time: `silentForMs` says for how long already.
      }
    }
  }

  return {
    name: first.name,
    uid: first.uid,
    lost: claim.lost,
    stopRequested: claim.stopRequested,
    silentForMs: () => clock.nowMs() - claim.answered().atMs,
    restorerSilentForMs: claim.restorerSilentForMs,
    confirm: claim.renew,
    async ensure(signal) {
      claim.lost.throwIfAborted();
      const { atMs, wallMs } = claim.answered();
      // A monotonic clock may stand still while the machine is suspended; the wall clock shows it.
      const ageMs = Math.max(clock.nowMs() - atMs, clock.wallMs() - wallMs);
      if (ageMs > first.durationMs / 2) await claim.renew(signal);
      claim.lost.throwIfAborted();
    },
    abandon: () => over.abort(new Error('the Lease is no longer renewed')),
    async release(signal) {
      over.abort(new Error('the Lease is no longer renewed'));
      const current = await claim.settled();
      if (claim.lost.aborted) return false;
      return deleteHeld(home, current, signal);
    },
  };
}

async function deleteHeld(home: LeaseHome, current: LeaseState, signal: AbortSignal): Promise<boolean> {
  let at = current;
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    if (await home.deleteLease(at, signal)) return true;
    const found = await home.lease(at.name, signal);
    if (found === null) return true;
    if (found.holder !== at.holder) return false;
    at = found;
  }
  return false;
}

/** When the cluster last answered, by both clocks. */
type Answered = { readonly atMs: number; readonly wallMs: number };

type Renewable = {
  readonly lost: AbortSignal;
  stopRequested(): string | null;
  restorerSilentForMs(): number | null;
  answered(): Answered;
  renew(signal: AbortSignal): Promise<boolean>;
  /** The Lease as last written, once no renewal is under way. */
  settled(): Promise<LeaseState>;
};

function renewable(home: LeaseHome, first: LeaseState, whenGone: WhenGone, clock: Clock): Renewable {
  const { name, holder } = first;
  const lost = new AbortController();
  let current = first;
  let answered: Answered = { atMs: clock.nowMs(), wallMs: clock.wallMs() };
  let stop: string | null = first.annotations[stopKey] ?? null;
  let beat = { text: first.annotations[restorerKey], seenMs: answered.atMs };
  let turn: Promise<unknown> = Promise.resolve();

  function lose(because: string): false {
    lost.abort(new Trouble('taken', because));
    return false;
  }

  async function renewOnce(signal: AbortSignal): Promise<boolean> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (lost.signal.aborted) return false;
      const draft: LeaseDraft = { ...current, renewedAt: microTime(clock) };
      const replaced = await home.replaceLease(current, draft, signal);
      if (replaced !== null) return adopt(replaced);
      const found = await home.lease(name, signal);
      if (found === null) {
        if (whenGone === 'lost') return lose(`Lease ${name} is gone: somebody else has swept it`);
        const made = await home.createLease(draft, signal);
        if (made !== null) return adopt(made);
      } else if (found.holder !== holder) {
        return lose(`Lease ${name} was taken over by ${found.holder}`);
      } else {
        adopt(found);
      }
    }
    throw new Trouble('unreachable', `Lease ${name} changes faster than it can be renewed`);
  }

  function adopt(lease: LeaseState): true {
    current = lease;
    answered = { atMs: clock.nowMs(), wallMs: clock.wallMs() };
    stop ??= lease.annotations[stopKey] ?? null;
    const text = lease.annotations[restorerKey];
    if (text !== beat.text) beat = { text, seenMs: answered.atMs };
    return true;
  }

  return {
    lost: lost.signal,
    stopRequested: () => stop,
    restorerSilentForMs: () => (beat.text === undefined ? null : answered.atMs - beat.seenMs),
    answered: () => answered,
    /** One at a time: two at once would meet each other's version. */
    renew(signal) {
      const renewed = turn.then(() => renewOnce(signal));
      turn = renewed.catch(() => undefined);
      return renewed;
    },
    async settled() {
      await turn;
      return current;
    },
  };
}
