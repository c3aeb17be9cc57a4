import type { Verified } from '../../../contract/drill.ts';
import type { Remains } from '../../fault.ts';
import type { Setting, Switchboard } from '../../switchboard.ts';
import type { Switched, SwitchUndo } from './undo.ts';

/** What is still set, read afresh. A setting that somebody else has made since is theirs. */
export async function remains(
  undo: SwitchUndo,
  boardOf: (one: Switched) => Switchboard,
  signal: AbortSignal,
): Promise<Remains> {
  const left: string[] = [];
  const notes: string[] = [];
  const verified: Verified[] = [];
  for (const one of undo.settings) {
    const board = boardOf(one);
    const at = await board.read(one.subject, signal);
    const state = stateOf(at, undo.drill);
    const found = shown(at);
    verified.push({ part: 'settings', name: `${one.subject} at ${board.name}`, wanted: 'none', found, state });
    if (state === 'left') left.push(`${one.subject} at ${board.name} is still ${found}`);
    if (state === 'changed') notes.push(`${one.subject} at ${board.name} is ${found}: somebody else's doing`);
  }
  return { left, notes, verified, lowered: 0 };
}

function stateOf({ setting, drill }: Setting, own: string): Verified['state'] {
  if (setting === null) return 'as-it-was';
  return drill === own ? 'left' : 'changed';
}

function shown({ setting, drill }: Setting): string {
  return setting === null ? 'none' : `${JSON.stringify(setting)} for ${drill === null ? 'nobody' : `drill ${drill}`}`;
}
