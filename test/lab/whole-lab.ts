/** Runs a lab to its end and reads the document that it prints. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DrillReport } from '../../contract/drill.ts';
import type { Row } from '../../contract/verdict.ts';
import type { WorldFile } from '../../lab/world-file.ts';
import { type Place, startAt } from './place.ts';
import { bounded } from './waiting.ts';

export type WholeLab = {
  readonly code: number | null;
  readonly document: {
    readonly rows: readonly Row[];
    readonly drills: readonly DrillReport[];
    readonly exit: number;
    readonly seed: number;
  };
  readonly world: WorldFile;
};

/** Longer than the slowest machine takes for a lab with two drills and all samples that it may ask for. */
const limitMs = 180_000;

export async function wholeLab(place: Place, options: readonly string[]): Promise<WholeLab> {
  const lab = startAt(place, ['lab', '--json', ...options, '--out', place.outDir]);
  try {
    const { code, stdout, stderr } = await bounded(limitMs, 'the lab to end', lab.ended);
    if (stdout === '') throw new Error(`the lab ended with ${code} and no document:\n${stderr}`);
    const world = JSON.parse(readFileSync(join(place.outDir, 'world.json'), 'utf8')) as WorldFile;
    return { code, document: JSON.parse(stdout), world };
  } finally {
    lab.kill('SIGTERM');
    await bounded(30_000, 'the lab to end', lab.ended);
  }
}

/** The rows that are not as expected, each with what it says. */
export function oddRows({ document }: WholeLab): Readonly<Record<string, string>> {
  const odd = document.rows.filter(({ status, expected }) => status !== expected);
  return Object.fromEntries(odd.map(({ id, status, because }) => [id, `${status}: ${because}`]));
}
