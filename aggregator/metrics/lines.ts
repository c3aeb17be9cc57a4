/** The lines of one label set: what is the same in all of them is made once, for a family or for the label set. */
import type { ByteWriter } from './bytes.ts';
import { type Label, lineStart } from './exposition.ts';

/** What stands around the labels of a label set, in the line of one sample. */
export type LineShape = {
  /** Of its own labels: the bound of a bucket. */
  readonly bound: string | null;
  /** The very same for all lines of one name. */
  readonly start: Uint8Array;
  readonly end: Uint8Array;
  /** The whole of it, for a label set without labels. */
  readonly bare: Uint8Array;
};

const encoder = new TextEncoder();
const starts = new Map<string, Uint8Array>();
/** Names that are remembered; of others the label set's part is written for each line. */
const maxStarts = 1_000;

/** `more`: labels that every label set has. */
export function lineShape(name: string, bound: string | null, more: readonly Label[] = []): LineShape {
  const own: readonly Label[] = bound === null ? more : [['le', bound], ...more];
  const rest = labelText(own);
  return {
    bound,
    start: startOf(`${name}{`),
    end: encoder.encode(rest === '' ? '} ' : `,${rest}} `),
    bare: encoder.encode(lineStart(name, own)),
  };
}

function startOf(text: string): Uint8Array {
  const known = starts.get(text);
  if (known !== undefined) return known;
  const made = encoder.encode(text);
  if (starts.size < maxStarts) starts.set(text, made);
  return made;
}

/** What stands between the braces. */
export function labelText(labels: readonly Label[]): string {
  const start = lineStart('', labels);
  return start === ' ' ? '' : start.slice(1, -2);
}

/** Lines of one label set, `labels` as `labelText` has it; `end`: what follows a value. */
export function putLines(
  out: ByteWriter,
  labels: string,
  lines: { readonly shapes: readonly LineShape[]; readonly values: readonly number[] },
  end: Uint8Array,
): void {
  let from = 0;
  let to = 0;
  let before: Uint8Array | undefined;
  for (let index = 0; index < lines.shapes.length; index += 1) {
    const shape = lines.shapes[index] as LineShape;
    if (labels === '') out.put(shape.bare);
    else {
      const began = out.length;
      if (shape.start === before) out.again(from, to);
      else {
        out.put(shape.start);
        out.text(labels);
      }
      before = shape.start;
      from = began;
      to = out.length;
      out.put(shape.end);
    }
    out.number(lines.values[index] ?? 0);
    out.put(end);
  }
}
