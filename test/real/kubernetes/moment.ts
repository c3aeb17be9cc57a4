/** Where a drill is, by what its runner has written down. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drillPhases } from '../../../contract/drill.ts';

/** `preparing`: nothing is written yet. `arming`: the undo record is, and nothing has been taken away. */
export const moments = ['preparing', 'baseline', 'arming', ...drillPhases.slice(1)] as const;
export type Moment = (typeof moments)[number];

/** Ids of the drills that have left something in a folder of evidence. */
export function drillsIn(evidenceDir: string): readonly string[] {
  return existsSync(evidenceDir) ? readdirSync(evidenceDir) : [];
}

/** Of the drill that was not among `before`. */
export function momentIn(evidenceDir: string, before: readonly string[]): Moment {
  const drill = drillsIn(evidenceDir).find((id) => !before.includes(id));
  const path = join(evidenceDir, drill ?? '', 'journal.jsonl');
  if (drill === undefined || !existsSync(path)) return 'preparing';
  return readFileSync(path, 'utf8').split('\n').reduce<Moment>(after, 'baseline');
}

function after(moment: Moment, line: string): Moment {
  const entry = parsed(line);
  switch (entry?.type) {
    case 'undo':
      return 'arming';
    case 'inject-called':
      return 'injecting';
    case 'restore-called':
      return 'restoring';
    case 'event': {
      const phase = moments.find((known) => known === entry.drill?.phase) ?? moment;
      return phase === 'baseline' ? moment : phase;
    }
    default:
      return moment;
  }
}

type Entry = { readonly type: string; readonly drill?: { readonly phase: string } };

/** The last line may be under way. */
function parsed(line: string): Entry | null {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return null;
  }
}
