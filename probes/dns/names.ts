/** Domain names: off the wire, where whoever sent them may have made them to do harm, and onto it. */
import { Garbled, type Span } from './span.ts';

/** RFC 1035 §2.3.4; the root's octet included. */
const maxWireOctets = 255;
/** So many labels fit a name; more pointers than that go in circles, or might as well. */
const maxPointers = 126;
const special = new Set(Buffer.from('. \'@;()"\\'));

/** In presentation form with its final dot: `a\.b.example.`. Moves the span behind it. */
export function readName(span: Span): string {
  let text = '';
  let octets = maxWireOctets;
  let pointers = 0;
  let at = span.at;
  for (;;) {
    const length = span.byteAt(at);
    at += 1;
    if (length === 0) break;
    const kind = length & 0xc0;
    if (kind === 0xc0) {
      pointers += 1;
      if (pointers > maxPointers) throw new Garbled('a name of too many pointers');
      const low = span.byteAt(at);
      if (pointers === 1) span.at = at + 1;
      at = ((length & 0x3f) << 8) | low;
      continue;
    }
    if (kind !== 0) throw new Garbled('a label of an unknown kind');
    octets -= length + 1;
    if (octets <= 0) throw new Garbled(`a name of more than ${maxWireOctets} bytes`);
    text += `${labelText(span.bytesAt(at, length))}.`;
    at += length;
  }
  if (pointers === 0) span.at = at;
  return text === '' ? '.' : text;
}

/** Each byte as it stands in presentation form: itself, or `\DDD`. */
const printedBytes: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte > 0x7e ? `\\${String(byte).padStart(3, '0')}` : String.fromCharCode(byte),
);
const labelBytes = printedBytes.map((text, byte) => (special.has(byte) ? `\\${text}` : text));

export function printed(byte: number): string {
  return printedBytes[byte] as string;
}

function labelText(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += labelBytes[byte] as string;
  return text;
}

/** The name as bytes, or what is wrong with it. The final dot may be left out; `\.` and `\DDD` are understood. */
export function writeName(text: string): Buffer | { readonly mistake: string } {
  const labels = text === '.' ? [] : labelsOf(text.endsWith('.') && !text.endsWith('\\.') ? text.slice(0, -1) : text);
  if (labels === undefined) return wrong(text);
  const parts: Buffer[] = [];
  for (const label of labels) {
    if (label.length === 0 || label.length > 63) return wrong(text);
    parts.push(Buffer.from([label.length, ...label]));
  }
  const wire = Buffer.concat([...parts, Buffer.from([0])]);
  return wire.length > maxWireOctets ? wrong(text) : wire;
}

function wrong(text: string): { readonly mistake: string } {
  return { mistake: `name: got ${JSON.stringify(text.slice(0, 100))}, want labels of 1 to 63 bytes, and 253 in all` };
}

function labelsOf(text: string): number[][] | undefined {
  const bytes = Buffer.from(text, 'utf8');
  const labels: number[][] = [[]];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    const label = labels.at(-1) as number[];
    if (byte === 0x2e) {
      labels.push([]);
    } else if (byte !== 0x5c) {
      label.push(byte);
    } else {
      const digits = /^\d{3}$/.test(bytes.toString('latin1', at + 1, at + 4))
        ? bytes.toString('latin1', at + 1, at + 4)
        : undefined;
      const escaped = digits === undefined ? bytes[at + 1] : Number(digits);
      if (escaped === undefined || escaped > 255) return undefined;
      label.push(escaped);
      at += digits === undefined ? 1 : 3;
    }
  }
  return labels;
}

/** Names that differ in letters' case, or in the final dot alone, are one. */
export function sameName(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}
function canonical(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower : `${lower}.`;
}
