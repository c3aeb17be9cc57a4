/** Files that were made, on disk. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Artefact } from '../../aggregator/artefacts/options.ts';

/** Below a folder, which is made where it is not there; gives their paths in it. */
export function written(out: string, files: readonly Artefact[]): readonly string[] {
  for (const { path, text } of files) {
    const to = join(out, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, text);
  }
  return files.map(({ path }) => path);
}
