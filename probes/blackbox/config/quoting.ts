/** How Go's YAML packages quote a text: not at all where it cannot be mistaken for anything else. */
import { isBreak, isPrintable } from './characters.ts';
import { resolve } from './scalars.ts';

/** The second generation of the package, or the third. */
export type Generation = 'v2' | 'v3';
export type Quoting = 'plain' | 'single' | 'double' | 'literal';

/** `isKey`: the key of a mapping, which stays on its line. */
export function quoting(text: string, generation: Generation, isKey: boolean): Quoting {
  const { manyLines, plain, single, block } = allowed(text, generation);
  if (isKey && manyLines) return 'double';
  if (text.includes('\n')) return block && !isKey ? 'literal' : 'double';
  if (!isText(text)) return 'double';
  if (plain) return 'plain';
  return single ? 'single' : 'double';
}

const oldTruths = /^(?:[yYnN]|yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF)$/;
/** Minutes and seconds of YAML 1.1, which other readers still take for numbers. */
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

function isText(text: string): boolean {
  return resolve('', text).tag === '!!str' && !oldTruths.test(text) && !base60.test(text);
}

type Allowed = { manyLines: boolean; plain: boolean; single: boolean; block: boolean };

/** Which styles would give the text back unchanged. */
function allowed(text: string, generation: Generation): Allowed {
  if (text === '') return { manyLines: false, plain: true, single: true, block: false };
  const characters = [...text];
  const has = (found: (character: string, before: string | undefined) => boolean): boolean =>
    characters.some((character, index) => found(character, characters[index - 1]));
  const tab = has((character) => character === '\t');
  const special = has((character) => character !== '\t' && !isPrintable(character)) || (tab && generation === 'v2');
  const manyLines = has(isBreak);
  const first = characters[0];
  const last = characters.at(-1);
  const edges = first === ' ' || last === ' ' || isBreak(first) || isBreak(last);
  const breakSpace = has((character, before) => character === ' ' && isBreak(before));
  const spaceBreak = has((character, before) => isBreak(character) && before === ' ');
  return {
    manyLines,
    plain: !(edges || breakSpace || spaceBreak || tab || special || manyLines || hasIndicator(text)),
    single: !(breakSpace || spaceBreak || tab || special),
    block: !(last === ' ' || spaceBreak || special),
  };
}

/** What a reader would take for punctuation of the language. */
function hasIndicator(text: string): boolean {
  if (/^(?:---|\.\.\.)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text)) return true;
  if (/^[?:-](?:[ \t]|$)/.test(text)) return true;
  return /(?!^):(?:[ \t]|$)/s.test(text) || /[ \t\r\n\x85\u2028\u2029\0]#/.test(text);
}
