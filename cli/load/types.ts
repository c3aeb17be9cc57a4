/** Whether the types of a user's script hold: k6 itself runs it without having looked at them. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Mistakes } from '../../contract/mistake.ts';

const checkLimitMs = 120_000;
const mistakesShown = 5;

/**
 * Throws `Mistakes` where TypeScript finds some. `null`: they hold; otherwise why they were not looked at. `folder`: a file
 * is written there.
 */
export async function checkTypes(script: string, folder: string, signal: AbortSignal): Promise<string | null> {
  if (!script.endsWith('.ts')) return `the types of ${script} are not checked: it is no TypeScript`;
  const compiler = above(script, 'node_modules/typescript/bin/tsc');
  const types = above(script, 'node_modules/@types/k6');
  if (compiler === null || types === null) {
    return `the types of ${script} are not checked: want typescript and @types/k6 in a node_modules above it`;
  }
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify(settings(script, dirname(types))));
  const said = await new Promise<string | null>((resolve) => {
    const bounds = { timeout: checkLimitMs, killSignal: 'SIGKILL', signal } as const;
    execFile(process.execPath, [compiler, '-p', config, '--pretty', 'false'], bounds, (error, stdout) =>
      resolve(error === null ? null : stdout.trim() || error.message),
    );
  });
  signal.throwIfAborted();
  if (said === null) return null;
  const lines = said.split('\n').filter((line) => line.includes('error TS'));
  const shown = lines.length === 0 ? [said] : lines.slice(0, mistakesShown);
  throw new Mistakes(shown.map((got) => ({ place: script, got, want: 'a script whose types hold' })));
}

function settings(script: string, typeRoot: string): object {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: 'es2022',
    lib: ['es2023'],
    module: 'esnext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    typeRoots: [typeRoot],
    types: ['k6'],
  };
  return { compilerOptions, files: [script] };
}

/** A file in a folder of the script's, or in one above. */
function above(script: string, path: string): string | null {
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return join(folder, path);
    if (folder === dirname(folder)) return null;
  }
}
