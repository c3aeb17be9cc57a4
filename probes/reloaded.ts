/** Files that are replaced while we run. What cannot be used is left, and what was goes on. */
import { statSync } from 'node:fs';
import { type Cancel, type Clock, every } from '../contract/clock.ts';
import { messageOf } from '../contract/failure.ts';
import type { Log } from '../contract/log.ts';

/** What can be said of a file that is read again. */
export type ReloadState = {
  /** As its user named it. */
  readonly file: string;
  /** Whether it could be used when it was last read. */
  readonly ok: boolean;
  /** Why not; `null` where it could. */
  readonly why: string | null;
  /** By the wall clock, when it could last be used. */
  readonly usedAtMs: number;
};

export type Reloaded<T> = {
  /** As the file says now, or as it last could be used. Looks at it again, at most once a second. */
  value(): T;
  /** Reads it now, whether or not it seems to have changed. */
  reload(): ReloadState;
  /** Looks whether it has changed, and reads it then. */
  look(): void;
  readonly state: ReloadState;
};

export type ReloadOptions<T> = {
  /** As its user named it: an option's file, `blackbox.yml`. */
  readonly file: string;
  /** All files that `read` reads. A link is followed: what a mounted Kubernetes secret leads to is another file when it changes. */
  readonly reads: readonly string[];
  /** Throws for what cannot be used. */
  readonly read: () => T;
  /** What was read before, so that whoever starts can refuse it in words of its own. */
  readonly first: T;
};

type Deps = { readonly clock: Clock; readonly log: Log };

const lookEveryMs = 1_000;

/** The log has one line when a file cannot be used any more, and one when it can again. */
export function reloaded<T>({ file, reads, read, first }: ReloadOptions<T>, { clock, log }: Deps): Reloaded<T> {
  let current = first;
  // Not the file's as it is: that may be another by now than was read before.
  let stamp = '';
  let lookedMs = clock.nowMs();
  let state: ReloadState = { file, ok: true, why: null, usedAtMs: clock.wallMs() };

  function reload(): ReloadState {
    lookedMs = clock.nowMs();
    // Before it is read: what changes meanwhile is read once more.
    stamp = stampOf(reads);
    try {
      current = read();
      if (!state.ok) log.info({ what: file }, 'it can be used again');
      state = { file, ok: true, why: null, usedAtMs: clock.wallMs() };
    } catch (error) {
      const why = messageOf(error);
      if (state.ok) log.warn({ what: file, why }, 'it cannot be used any more: what was read before goes on');
      state = { ...state, ok: false, why };
    }
    return state;
  }
  function look(): void {
    lookedMs = clock.nowMs();
    if (stampOf(reads) !== stamp) reload();
  }
  return {
    value() {
      if (clock.nowMs() - lookedMs >= lookEveryMs) look();
      return current;
    },
    reload,
    look,
    get state() {
      return state;
    },
  };
}

/** All files of a process: looked at every second once that has begun, and read at once when somebody says so. */
export type Reloads = {
  begin(): void;
  add(file: Pick<Reloaded<unknown>, 'reload' | 'look' | 'state'>): void;
  /** As on SIGHUP. */
  reload(): readonly ReloadState[];
  states(): readonly ReloadState[];
  stop(): void;
};

export function reloads({ clock, log }: Deps): Reloads {
  const files: Parameters<Reloads['add']>[0][] = [];
  const look = (): void => {
    for (const file of files) file.look();
  };
  let cancel: Cancel | undefined;
  return {
    begin() {
      cancel ??= every(clock, lookEveryMs, look, (error) =>
        log.error({ error: String(error) }, 'files could not be looked at'),
      );
    },
    add: (file) => void files.push(file),
    reload: () => files.map((file) => file.reload()),
    states: () => files.map(({ state }) => state),
    stop: () => cancel?.(),
  };
}

/** Another when a file was written or another put in its place; the same while it is gone. */
function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      try {
        const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
        return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
      } catch {
        return 'gone';
      }
    })
    .join(' ');
}
