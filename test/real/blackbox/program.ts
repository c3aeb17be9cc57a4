/** The real blackbox_exporter: where it is, once it is built. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A Go module that asks for nothing but the program, in one version. */
export const moduleDir = join(dirname(fileURLToPath(import.meta.url)), 'exporter');

const cacheDir = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');

/** Where it is built: in the cache folder, by the versions that make it. */
export function exporterTarget(): string {
  const key = createHash('sha256')
    .update(readFileSync(join(moduleDir, 'go.mod')))
    .digest('hex')
    .slice(0, 16);
  return join(cacheDir, 'blackstart', 'blackbox_exporter', key, 'blackbox_exporter');
}

/** Ours, or the one that was built to be measured against; null when there is neither, which is said in one line. */
export function exporterProgram(): string | null {
  const places = [exporterTarget(), join(cacheDir, 'blackstart-peers', 'bin', 'blackbox_exporter')];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    process.stdout.write(
      'no blackbox_exporter in the cache: what needs it is skipped; npx node test/real/blackbox/build.ts makes it (Go 1.26)\n',
    );
  }
  return found ?? null;
}
