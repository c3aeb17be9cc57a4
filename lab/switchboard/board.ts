/** What can be set in a world from outside, each with a lease: without renewal a setting ends by itself. */
import type { Cancel, Clock } from '../../contract/clock.ts';
import type { Json } from '../../contract/json.ts';

/** What a setting does. Throws nothing; `null` is as it is without any. */
export type Subject = {
  /** Why a setting cannot be, in a sentence; `null`: it can. */
  refusal(setting: Json): string | null;
  apply(setting: Json): void;
};

export type BoardState = {
  readonly subject: string;
  readonly setting: Json;
  readonly drill: string | null;
  readonly version: number;
  /** On the lab's clock. */
  readonly endsAtMs: number | null;
  readonly endsByItself: true;
};

export type Draft = {
  readonly setting: Json;
  readonly drill: string | null;
  readonly leaseMs: number;
  readonly ifVersion: number;
};

export type Outcome =
  | { readonly kind: 'done' | 'conflict' | 'missing' }
  | { readonly kind: 'refused'; readonly because: string };

export type Board = {
  read(subject: string): BoardState | undefined;
  set(subject: string, draft: Draft): Outcome;
  /** Only the drill whose it is may renew. */
  renew(subject: string, drill: string, leaseMs: number): Outcome;
  close(): void;
};

type Kept = Omit<BoardState, 'subject' | 'endsByItself'>;
const free = { setting: null, drill: null, endsAtMs: null };

export function board(subjects: Readonly<Record<string, Subject>>, clock: Clock): Board {
  const kept = new Map<string, Kept>(Object.keys(subjects).map((name) => [name, { ...free, version: 1 }]));
  const ends = new Map<string, Cancel>();

  /** The clock is the lab's own, which never steps: a wall clock that does would end a setting early, or never. */
  function current(name: string): Kept | undefined {
    const at = kept.get(name);
    if (at?.endsAtMs == null || clock.nowMs() < at.endsAtMs) return at;
    return put(name, { ...free, version: at.version + 1 });
  }

  function put(name: string, to: Kept): Kept {
    kept.set(name, to);
    subjects[name]?.apply(to.setting);
    watch(name, to.endsAtMs);
    return to;
  }

  function watch(name: string, endsAtMs: number | null): void {
    ends.get(name)?.();
    ends.delete(name);
    if (endsAtMs === null) return;
    const look = (): void => {
      const at = kept.get(name);
      if (at?.endsAtMs == null) return;
      // A timer may be early by a fraction.
      if (clock.nowMs() < at.endsAtMs) watch(name, at.endsAtMs);
      else current(name);
    };
    ends.set(name, clock.after(Math.max(1, Math.ceil(endsAtMs - clock.nowMs())), look));
  }

  return {
    read(name) {
      const at = current(name);
      return at === undefined ? undefined : { subject: name, ...at, endsByItself: true };
    },
    set(name, { setting, drill, leaseMs, ifVersion }) {
      const at = current(name);
      if (at === undefined) return { kind: 'missing' };
      const because = setting === null ? null : (subjects[name]?.refusal(setting) ?? null);
      if (because !== null) return { kind: 'refused', because };
      if (setting !== null && drill === null) return { kind: 'refused', because: 'a setting has to be some drill’s' };
      if (at.version !== ifVersion) return { kind: 'conflict' };
      put(name, { setting, drill, version: at.version + 1, endsAtMs: drill === null ? null : clock.nowMs() + leaseMs });
      return { kind: 'done' };
    },
    renew(name, drill, leaseMs) {
      const at = current(name);
      if (at === undefined) return { kind: 'missing' };
      if (at.drill !== drill) return { kind: 'conflict' };
      const endsAtMs = clock.nowMs() + leaseMs;
      // No new version: a renewal is no change of what is set.
      kept.set(name, { ...at, endsAtMs });
      watch(name, endsAtMs);
      return { kind: 'done' };
    },
    close() {
      for (const cancel of ends.values()) cancel();
      ends.clear();
    },
  };
}
