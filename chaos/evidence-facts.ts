import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredResult } from '../contract/api.ts';
import { isObject } from '../contract/json.ts';
import type { LoadFacts } from '../contract/load.ts';
import type { CanaryFacts } from './canaries/facts.ts';
import { files } from './evidence.ts';
import type { CheckerReading, DrillFacts, EndpointReading } from './facts.ts';
import { entryOf, readJournal } from './journal.ts';
import { sentenceOf, Trouble } from './trouble.ts';

/** The facts of a drill, from its evidence: what `drill judge` recomputes a verdict from. */
export async function readFacts(dir: string): Promise<DrillFacts> {
  const entries = await readJournal(join(dir, files.journal)).catch((error: unknown) => {
    throw new Trouble('wrong-input', `${dir} is no evidence of a drill: ${sentenceOf(error)}`, { cause: error });
  });
  const concluded = entryOf(entries, 'concluded');
  if (concluded === undefined) {
    throw new Trouble('rejected', `${dir}: the drill did not end in order; "drill recover" mends what it left`);
  }
  const load = await loadIn(dir);
  const observations = await linesOf(join(dir, files.observations));
  return {
    ...concluded.facts,
    results: (await linesOf(join(dir, files.results))) as StoredResult[],
    endpoints: observations.filter((line) => isOf(line, 'endpoints')) as EndpointReading[],
    checkers: observations.filter((line) => isOf(line, 'checkers')) as CheckerReading[],
    ...(load === null ? {} : { load }),
    canaries: (await linesOf(join(dir, files.canaries))) as CanaryFacts,
  };
}

/** `null` where the drill ran under none. */
async function loadIn(dir: string): Promise<LoadFacts | null> {
  const text = await readFile(join(dir, files.load), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as LoadFacts);
}

function isOf(line: unknown, what: string): boolean {
  return isObject(line) && line['what'] === what;
}

/** JSON lines; a file that is not there has none, and a torn line is passed over. */
async function linesOf(path: string): Promise<readonly unknown[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines: unknown[] = [];
  for (const line of text.split('\n')) {
    try {
      if (line !== '') lines.push(JSON.parse(line));
    } catch {
      // What a full disk or a crash cut off; the lines behind it are whole.
    }
  }
  return lines;
}
