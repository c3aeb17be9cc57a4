/** Programs named `ping` on a path of their own, which do what a test says. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type FakePing = {
  /** As in PATH. */
  readonly path: string;
  /** The arguments of each run, in order. */
  runs(): readonly string[];
  remove(): void;
};

/** What all of them answer when they are tried on the machine itself. */
const itself = "*' 127.0.0.1') echo '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.04 ms' ; exit 0 ;;";

/** `script`: lines of sh for what comes to others. `trial`: instead of a good answer from the machine itself. */
export function fakePing(script: string, trial: string = itself): FakePing {
  const path = mkdtempSync(join(tmpdir(), 'blackstart-ping-'));
  const runs = join(path, 'runs');
  const lines = ['#!/bin/sh', `echo "$*" >> '${runs}'`, `case " $*" in ${trial} esac`, script, ''];
  writeFileSync(join(path, 'ping'), lines.join('\n'), { mode: 0o755 });
  return {
    path,
    runs: () => (existsSync(runs) ? readFileSync(runs, 'utf8').trimEnd().split('\n') : []),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
