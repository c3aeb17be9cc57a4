import { type Clock, sleep } from '../../contract/clock.ts';
import { type Cut, familiesOf } from './cut.ts';
import { type Format, familyHead } from './exposition.ts';

/** Lines between two turns of the event loop: about two milliseconds' worth. */
const linesPerTurn = 3_000;

/** The exposition in pieces; whoever reads it slowly holds up nobody but itself. */
export async function* render(cut: Cut, format: Format, clock: Clock): AsyncGenerator<string, void, undefined> {
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
      await sleep(clock, 0);
    }
  }
  yield format === 'openmetrics' ? `${text}# EOF\n` : text;
}
