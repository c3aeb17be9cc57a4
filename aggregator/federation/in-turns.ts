import { type Clock, sleep } from '../../contract/clock.ts';
import type { Family } from '../metrics/exposition.ts';
import { parseExposition } from '../metrics/parse-exposition.ts';

/** Read between two turns of the event loop: a few milliseconds' worth. */
const charsPerTurn = 131_072;

type Piece = {
  readonly text: string;
  /** Lines of the page before those of the text. */
  readonly linesBefore: number;
};

/** As `parseExposition`, but it lets others go on in between; throws for the first line that cannot be read. */
export async function parseInTurns(text: string, openMetrics: boolean, clock: Clock): Promise<readonly Family[]> {
  if (openMetrics && !/(^|\n)# EOF\n?$/.test(text)) throw new Error('the page ends before its # EOF');
  const families = new Map<string, { first: Family; samples: Family['samples'][] }>();
  for (const { text: piece, linesBefore } of piecesOf(text)) {
    const parsed = parseExposition(piece, openMetrics);
    if (typeof parsed === 'string') {
      throw new Error(parsed.replace(/^line (\d+)/, (_all, line: string) => `line ${Number(line) + linesBefore}`));
    }
    for (const family of parsed) {
      const known = families.get(family.name) ?? { first: family, samples: [] };
      families.set(family.name, known);
      known.samples.push(family.samples);
    }
    await sleep(clock, 0);
  }
  return [...families.values()].map(({ first, samples }) => ({ ...first, samples: samples.flat() }));
}

/** Cut at ends of lines; where a family goes on, the comments that say what it is are said again. */
function* piecesOf(text: string): Generator<Piece, void, undefined> {
  let head = '';
  let headEnded = true;
  let again = '';
  let from = 0;
  let linesBefore = 0;
  let lines = 0;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found + 1;
    lines += 1;
    if (text[at] === '#') {
      head = headEnded ? text.slice(at, end) : head + text.slice(at, end);
      headEnded = false;
    } else {
      headEnded = true;
      if (end - from >= charsPerTurn) {
        yield { text: again + text.slice(from, end), linesBefore: linesBefore - linesIn(again) };
        from = end;
        linesBefore = lines;
        again = head;
      }
    }
    at = end;
  }
  yield { text: again + text.slice(from), linesBefore: linesBefore - linesIn(again) };
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}
