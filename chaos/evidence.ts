import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredResult } from '../contract/api.ts';
import { type Bounds, widthMs } from '../contract/bounds.ts';
import { canonicalJson, isObject } from '../contract/json.ts';
import type { CanaryLine } from './canaries/facts.ts';
import { sentenceOf, Trouble } from './trouble.ts';

/** The files of a drill's evidence. INTERFACES names them. */
export type EvidenceFile =
  | 'scenario.json'
  /** What the guard decided by. */
  | 'guard.json'
  | 'prediction.json'
  | 'timeline.json'
  /** What was recorded of the load. */
  | 'load.json'
  | 'verdict.json'
  | 'report.html'
  | 'report.md';

/** Something seen outside the fleet: `checkers`, `endpoints`, `zone`, `clock`. */
export type ObservationLine = { readonly what: string; readonly [key: string]: unknown };

export type Evidence = {
  readonly dir: string;
  readonly journalPath: string;
  write(file: EvidenceFile, content: string | object): Promise<void>;
  results(results: readonly StoredResult[]): Promise<void>;
  observations(lines: readonly ObservationLine[]): Promise<void>;
  /** Of a drill with canaries alone. */
  canaries(lines: readonly CanaryLine[]): Promise<void>;
  /** Hashes all that is there. Nothing may be written after it. */
  seal(facts: {
    readonly drill: string;
    readonly version: string;
    readonly configuration: object;
    readonly offset: Bounds;
  }): Promise<void>;
};

export const files = {
  journal: 'journal.jsonl',
  results: 'results.jsonl',
  observations: 'observations.jsonl',
  load: 'load.json',
  canaries: 'canaries.jsonl',
} as const;
const manifestFile = 'manifest.json';

export function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 of a value's canonical JSON. */
export function hashOfValue(value: unknown): string {
  return hashOf(canonicalJson(value));
}

/** Makes the directory of a drill's evidence. */
export async function openEvidence(root: string, drill: string): Promise<Evidence> {
  const dir = join(root, drill);
  await mkdir(dir, { recursive: true }).catch((error: unknown) => {
    throw new Trouble('wrong-input', `evidence cannot be kept in ${dir}: ${sentenceOf(error)}`, { cause: error });
  });
  return {
    dir,
    journalPath: join(dir, files.journal),
    write: (file, content) =>
      writeFile(join(dir, file), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`),
    results: (results) => append(join(dir, files.results), results),
    observations: (lines) => append(join(dir, files.observations), lines),
    canaries: (lines) => append(join(dir, files.canaries), lines),
    async seal({ drill: id, version, configuration, offset }) {
      const manifest = {
        program: 'blackstart',
        version,
        drill: id,
        configurationSha256: hashOfValue(configuration),
        clock: { aggregatorMinusRunner: offset, uncertaintyMs: widthMs(offset) },
        files: await hashesOf(dir),
      };
      await writeFile(join(dir, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
    },
  };
}

async function append(path: string, lines: readonly object[]): Promise<void> {
  await appendFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

async function hashesOf(dir: string): Promise<Record<string, { readonly sha256: string; readonly bytes: number }>> {
  const names = (await readdir(dir)).filter((name) => name !== manifestFile).toSorted();
  const entries = names.map(async (name) => {
    const content = await readFile(join(dir, name));
    return [name, { sha256: hashOf(content), bytes: content.length }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What of the evidence is not as it was sealed, a sentence each. */
export async function brokenSeals(dir: string): Promise<readonly string[]> {
  const text = await readFile(join(dir, manifestFile), 'utf8').catch(() => null);
  if (text === null) return [`${manifestFile} is missing: the drill did not end in order`];
  const manifest: unknown = JSON.parse(text);
  const sealed = isObject(manifest) && isObject(manifest['files']) ? manifest['files'] : {};
  const found = await hashesOf(dir);
  return Object.entries(sealed).flatMap(([name, seal]) => {
    const got = found[name]?.sha256;
    const want = isObject(seal) ? seal['sha256'] : undefined;
    return got === want ? [] : [`${name}: SHA-256 is ${got ?? 'none: the file is gone'}, was ${String(want)}`];
  });
}
