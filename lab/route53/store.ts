/** The control plane: the zone as last changed, its health checks, and changes on their way to the name servers. */
import type { Cancel, Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import type { HealthCheck, Zone } from '../../zone/records.ts';
import { applyChanges, type Change, canonical } from '../../zone/validate.ts';
import type { Publisher } from '../dns/view.ts';

export type Submission = {
  readonly id: string;
  readonly status: 'PENDING' | 'INSYNC';
  readonly submittedAtMs: number;
  readonly comment: string | null;
};

export type Submitted =
  | { readonly ok: true; readonly submission: Submission }
  | {
      readonly ok: false;
      readonly code: 'InvalidChangeBatch' | 'InvalidInput' | 'PriorRequestNotComplete';
      readonly messages: readonly string[];
    };

export type ZoneStore = Publisher & {
  /** All of it or nothing; refused while an earlier change of the zone is PENDING. */
  submit(changes: readonly Change[], comment: string | null): Submitted;
  submission(id: string): Submission | undefined;
  healthChecks(): readonly HealthCheck[];
  /** Adds it, or puts it in the place of the one with its id. */
  putHealthCheck(check: HealthCheck): void;
  removeHealthCheck(id: string): void;
  onHealthChecks(listener: () => void): Cancel;
  close(): void;
};

export type StoreOptions = {
  readonly zone: Zone;
  readonly healthChecks: readonly HealthCheck[];
  /** From PENDING to INSYNC, at least and at most; Route 53's own is "typically less than one minute". */
  readonly insyncMs?: readonly [number, number];
};

const usualInsyncMs = [150, 450] as const;
/** A name server has a change before it is said to have it. */
const publishShare = 0.9;
const idLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const idLength = 20;
/** Older ones are forgotten: `GetChange` is for what was just done. */
const mostSubmissions = 1_000;

type Deps = { readonly clock: Clock; readonly random: Random };

export function zoneStore(options: StoreOptions, deps: Deps): ZoneStore {
  const checks = new Map(options.healthChecks.map((check) => [check.id, check]));
  const listeners = new Set<() => void>();
  const changes = changeLog(options.insyncMs ?? usualInsyncMs, deps);
  let zone: Zone = { ...options.zone, records: options.zone.records.map(canonical) };

  function changed(): void {
    for (const listener of listeners) listener();
  }

  return {
    zone: () => zone,
    publishTo: changes.publishTo,
    submit(batch, comment) {
      if (changes.pending()) {
        const message = 'The request was rejected because Route 53 was still processing a prior request.';
        return { ok: false, code: 'PriorRequestNotComplete', messages: [message] };
      }
      const applied = applyChanges(zone, batch, new Set(checks.keys()));
      if (!applied.ok) return applied;
      zone = applied.zone;
      return { ok: true, submission: changes.publish(zone, comment) };
    },
    submission: changes.submission,
    healthChecks: () => [...checks.values()],
    putHealthCheck(check) {
      checks.set(check.id, check);
      changed();
    },
    removeHealthCheck(id) {
      checks.delete(id);
      changed();
    },
    onHealthChecks(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: changes.close,
  };
}

/** Changes on their way: INSYNC when their time has passed and every name server has them. */
function changeLog([leastMs, mostMs]: readonly [number, number], { clock, random }: Deps) {
  const submissions = new Map<string, Submission>();
  const servers = new Set<(zone: Zone, withinMs: number) => Promise<void>>();
  let cancelPending: Cancel = () => undefined;

  async function reachAll(zone: Zone): Promise<void> {
    const insyncAfterMs = leastMs + random() * (mostMs - leastMs);
    const passed = new Promise<void>((resolve) => {
      cancelPending = clock.after(insyncAfterMs, resolve);
    });
    await Promise.all([passed, ...[...servers].map((apply) => apply(zone, insyncAfterMs * publishShare))]);
  }

  return {
    publishTo(apply: (zone: Zone, withinMs: number) => Promise<void>): Cancel {
      servers.add(apply);
      return () => servers.delete(apply);
    },
    publish(zone: Zone, comment: string | null): Submission {
      const letters = Array.from({ length: idLength }, () => idLetters[Math.floor(random() * idLetters.length)]);
      const id = `C${letters.join('')}`;
      const submission: Submission = { id, status: 'PENDING', submittedAtMs: clock.nowMs(), comment };
      submissions.set(id, submission);
      const oldest = submissions.keys().next().value;
      if (submissions.size > mostSubmissions && oldest !== undefined) submissions.delete(oldest);
      void reachAll(zone).then(() => submissions.set(id, { ...submission, status: 'INSYNC' }));
      return submission;
    },
    pending: (): boolean => [...submissions.values()].some(({ status }) => status === 'PENDING'),
    submission: (id: string): Submission | undefined => submissions.get(id),
    close: (): void => cancelPending(),
  };
}
