import { type Clock, sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import { type Cluster, type LeaseDraft, type LeaseState, leaseNameOf, stopKey } from '../cluster.ts';
import { Trouble } from '../trouble.ts';

/** Renewed this often within its duration: six renewals may be lost before anybody takes it for dead. */
const renewalsPerDuration = 1 / 0.15;

/** A drill's claim on its region, in the cluster. While it is renewed nobody else mends. */
export type HeldLease = {
  readonly name: string;
  /** Aborts, with a sentence, once somebody else holds it. From then on this process must not write. */
  readonly lost: AbortSignal;
  /** The reason that `drill stop` left on it. */
  stopRequested(): string | null;
  /** Since when the cluster has not answered a renewal, in milliseconds. */
  silentForMs(): number;
  /** Renews now. `false`: it is another's. Rejects when the cluster cannot be asked. */
  confirm(signal: AbortSignal): Promise<boolean>;
  /** Stops renewing and deletes it, last of all. `false`: it could not be deleted. */
  release(signal: AbortSignal): Promise<boolean>;
  /** Stops renewing and leaves it to expire. */
  abandon(): void;
};

export type LeaseClaim = {
  readonly drill: string;
  readonly holder: string;
  readonly durationMs: number;
};

/** RFC 3339 with six digits, as the API has it. */
export function microTime(clock: Pick<Clock, 'wallMs'>): string {
  return new Date(clock.wallMs()).toISOString().replace('Z', '000Z');
}

/** Creates the Lease of a drill, and renews it from then on. Refuses when there is one. */
export async function createLease(
  cluster: Cluster,
  claim: LeaseClaim,
  clock: Clock,
  signal: AbortSignal,
): Promise<HeldLease> {
  const name = leaseNameOf(claim.drill);
  const now = microTime(clock);
  const { holder, durationMs } = claim;
  const draft = { name, holder, durationMs, renewedAt: now, acquiredAt: now, transitions: 0, annotations: {} };
  const created = await cluster.createLease(draft, signal);
  if (created !== null) return held(cluster, created, clock);
  // An answer may have been lost, and then it is ours.
  const found = await cluster.lease(name, signal);
  if (found?.holder === holder) return held(cluster, found, clock);
  throw new Trouble('taken', `Lease ${name} in ${cluster.context} is held by ${found?.holder ?? 'somebody else'}`);
}

/** Takes over a Lease that was seen silent. `null`: somebody was faster, or it lives. */
export async function takeLease(
  cluster: Cluster,
  at: LeaseState,
  holder: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<HeldLease | null> {
  const now = microTime(clock);
  const to = { ...at, holder, renewedAt: now, acquiredAt: now, transitions: at.transitions + 1 };
  const taken = await cluster.replaceLease(at, to, signal);
  return taken === null ? null : held(cluster, taken, clock);
}

function held(cluster: Cluster, first: LeaseState, clock: Clock): HeldLease {
  const over = new AbortController();
  const claim = renewable(cluster, first, clock);
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
    lost: claim.lost,
    stopRequested: claim.stopRequested,
    silentForMs: () => clock.nowMs() - claim.answeredMs(),
    confirm: claim.renew,
    abandon: () => over.abort(new Error('the Lease is no longer renewed')),
    async release(signal) {
      over.abort(new Error('the Lease is no longer renewed'));
      const current = await claim.settled();
      if (claim.lost.aborted) return false;
      if (await cluster.deleteLease(current, signal)) return true;
      // Its version moved on: a stop was asked for meanwhile, or an answer was lost.
      const found = await cluster.lease(first.name, signal);
      if (found === null) return true;
      return found.holder === first.holder && (await cluster.deleteLease(found, signal));
    },
  };
}

type Renewable = {
  readonly lost: AbortSignal;
  stopRequested(): string | null;
  answeredMs(): number;
  renew(signal: AbortSignal): Promise<boolean>;
  /** The Lease as last written, once no renewal is under way. */
  settled(): Promise<LeaseState>;
};

function renewable(cluster: Cluster, first: LeaseState, clock: Clock): Renewable {
  const { name, holder } = first;
  const lost = new AbortController();
  let current = first;
  let answeredMs = clock.nowMs();
  let stop: string | null = first.annotations[stopKey] ?? null;
  let turn: Promise<unknown> = Promise.resolve();

  async function renewOnce(signal: AbortSignal): Promise<boolean> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (lost.signal.aborted) return false;
      const draft: LeaseDraft = { ...current, renewedAt: microTime(clock) };
      const replaced = await cluster.replaceLease(current, draft, signal);
      if (replaced !== null) return adopt(replaced);
      const found = await cluster.lease(name, signal);
      if (found === null) {
        const made = await cluster.createLease(draft, signal);
        if (made !== null) return adopt(made);
      } else if (found.holder !== holder) {
        lost.abort(new Trouble('taken', `Lease ${name} was taken over by ${found.holder}`));
        return false;
      } else {
        adopt(found);
      }
    }
    throw new Trouble('unreachable', `Lease ${name} changes faster than it can be renewed`);
  }

  function adopt(lease: LeaseState): true {
    current = lease;
    answeredMs = clock.nowMs();
    stop ??= lease.annotations[stopKey] ?? null;
    return true;
  }

  return {
    lost: lost.signal,
    stopRequested: () => stop,
    answeredMs: () => answeredMs,
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

/** The cluster as the holder of a Lease may write to it: not at all once the Lease is another's. */
export function fenced(cluster: Cluster, lost: AbortSignal): Cluster {
  return {
    ...cluster,
    async mark(at, mark, signal) {
      lost.throwIfAborted();
      return cluster.mark(at, mark, signal);
    },
    async scale(at, replicas, signal) {
      lost.throwIfAborted();
      return cluster.scale(at, replicas, signal);
    },
  };
}
