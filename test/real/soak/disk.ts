/** A disk that can be filled: a small file system of its own, where this machine lets us mount one. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type SmallDisk = {
  readonly dir: string;
  /** Leaves no room. */
  fill(): void;
  /** Gives the room back. */
  empty(): void;
  unmount(): void;
};

/** `null` where none can be mounted. */
export function smallDisk(dir: string, megabytes: number): SmallDisk | null {
  mkdirSync(dir, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir], { stdio: 'ignore' });
  if (mounted.status !== 0) return null;
  const filler = join(dir, 'filler');
  return {
    dir,
    fill() {
      const fd = openSync(filler, 'w');
      try {
        // Down to the last page: room for one more would be room for one more write.
        for (const bytes of [1_048_576, 4_096]) {
          for (let more = true; more; ) more = wrote(fd, bytes);
        }
      } finally {
        closeSync(fd);
      }
    },
    empty: () => rmSync(filler, { force: true }),
    unmount: () => void spawnSync('umount', ['--lazy', dir]),
  };
}

function wrote(fd: number, bytes: number): boolean {
  try {
    return writeSync(fd, Buffer.alloc(bytes)) === bytes;
  } catch {
    return false;
  }
}
