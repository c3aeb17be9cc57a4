import type { Groups } from '../../contract/pattern.ts';

/**
 * `template` with `$1`, `${1}`, `$name` and `${name}` replaced by what was found, as Go's `Regexp.Expand` does it:
 * the longest name counts (`$1x` is `${1x}`), `$$` is a dollar, and a group that there is not is nothing.
 */
export function expand(template: string, { values, names }: Groups): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { index, 0: whole, groups } of template.matchAll(reference)) {
    parts.push(Buffer.from(template.slice(at, index)));
    at = index + whole.length;
    const name = groups?.['braced'] ?? groups?.['bare'];
    const group = name === undefined ? undefined : /^(?:0|[1-9]\d{0,8})$/.test(name) ? Number(name) : names[name];
    if (name === undefined) parts.push(dollar);
    else parts.push((group === undefined ? null : values[group]) ?? nothing);
  }
  parts.push(Buffer.from(template.slice(at)));
  return Buffer.concat(parts);
}

const reference = /\$(?:\$|\{(?<braced>[\p{L}\p{Nd}_]+)\}|(?<bare>[\p{L}\p{Nd}_]+))/gu;
const dollar = Buffer.from('$');
const nothing = Buffer.alloc(0);
