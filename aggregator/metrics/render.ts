import { setImmediate as turn } from 'node:timers/promises';
import { type Cut, familiesOf } from './cut.ts';
import { type Format, familyHead, formatValue, sampleLine } from './exposition.ts';

/** Lines between two turns of the event loop: a few milliseconds' worth. */
const linesPerTurn = 4_000;

/** The exposition in pieces; whoever reads it slowly holds up nobody but itself. */
export async function* render(cut: Cut, format: Format): AsyncGenerator<string, void, undefined> {
  let text = '';
  let lines = 0;
  for (const family of familiesOf(cut)) {
    let head = familyHead(family.name, family.type, family.help, format);
    for (const sample of family.samples()) {
      text += head;
      head = '';
      text += sample.start === undefined ? sampleLine(sample, format) : `${sample.start}${formatValue(sample.value)}\n`;
      lines += 1;
      if (lines < linesPerTurn) continue;
      yield text;
      text = '';
      lines = 0;
      await turn();
    }
  }
  yield format === 'openmetrics' ? `${text}# EOF\n` : text;
}
