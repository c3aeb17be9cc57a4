import { setImmediate as turn } from 'node:timers/promises';
import { type Cut, familiesOf } from './cut.ts';
import { type Format, familyHead } from './exposition.ts';

/** Lines between two turns of the event loop: about a millisecond's worth. */
const linesPerTurn = 1_000;

/** The exposition in pieces; whoever reads it slowly holds up nobody but itself. */
export async function* render(cut: Cut, format: Format): AsyncGenerator<string, void, undefined> {
  let text = '';
  let lines = 0;
  for (const family of familiesOf(cut)) {
    let head = familyHead(family.name, family.type, family.help, format);
    for (const piece of family.pieces(format)) {
      text += head + piece.text;
      head = '';
      lines += piece.lines;
      if (lines < linesPerTurn) continue;
      yield text;
      text = '';
      lines = 0;
      await turn();
    }
  }
  yield format === 'openmetrics' ? `${text}# EOF\n` : text;
}
