/** Files with a slip of the pen or a stroke of malice in them, by a seed. */
import type { Random } from '../../../contract/random.ts';
import { files } from './files/all.ts';

const marks =
  '\n|  |: |:|- |"|\'|[|]|{|}|,|#| #|&a |*a|!|!!str |!!int |!!binary |>-\n|? |@|`|%|\t|\\|~|null|5|<<: |---\n|é|0x|\\u'
    .split('|')
    .concat('|', '|\n', '\u2028', '\uD800', '\x00', '[['.repeat(50), '__proto__: ', 'constructor: ');

export function mutated(random: Random): string {
  const below = (count: number): number => Math.floor(random() * count);
  let text = files[below(files.length)]?.text ?? '';
  for (let changes = 1 + below(4); changes > 0; changes -= 1) {
    const at = below(text.length + 1);
    const kind = below(4);
    if (kind === 0) text = text.slice(0, at) + text.slice(at + 1 + below(5));
    else if (kind === 1) text = text.slice(0, at) + (marks[below(marks.length)] ?? '') + text.slice(at + 1);
    else if (kind === 2) text = text.slice(0, at) + (marks[below(marks.length)] ?? '') + text.slice(at);
    else text = text.slice(0, at) + text.slice(below(text.length + 1));
  }
  return text;
}

/** One slip as people make them: a line or a word left out, said twice, moved or mistyped. */
export function slipped(random: Random): string {
  const below = (count: number): number => Math.floor(random() * count);
  const lines = (files[below(files.length)]?.text ?? '').split('\n');
  const at = below(lines.length);
  const line = lines[at] ?? '';
  const words = line.split(/\b/);
  const word = below(words.length);
  const slips: readonly (() => void)[] = [
    () => lines.splice(at, 1),
    () => lines.splice(at, 0, line),
    () => lines.splice(below(lines.length), 0, line),
    () => lines.splice(at, 1, `  ${line}`),
    () => lines.splice(at, 1, line.replace(/^ {2}/, '')),
    () => lines.splice(at, 1, words.toSpliced(word, 1).join('')),
    () => lines.splice(at, 1, words.toSpliced(word, 0, words[below(words.length)] ?? '').join('')),
    () => lines.splice(at, 1, line.replace(': ', ':')),
    () => lines.splice(at, 1, line.replace(/(['"])/, '')),
    () => lines.splice(at, 1, line.replace(/[[{]/, '')),
    () => lines.splice(at, 1, `${line} # said later`),
    () => lines.splice(at, 1, line.replace(/\w+$/, 'null')),
  ];
  slips[below(slips.length)]?.();
  return lines.join('\n');
}
