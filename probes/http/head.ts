/** The head of an HTTP/1.1 response: strict, because a lenient reader measures what no browser would accept. */
import { shown } from '../prober.ts';

export const maxHeadBytes = 32_768;
const maxHeaders = 200;

export type Head = {
  readonly status: number;
  readonly minorVersion: 0 | 1;
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
};

/** How the end of a body is known. */
export type Framing =
  | { readonly framing: 'none' }
  | { readonly framing: 'length'; readonly bytes: number }
  | { readonly framing: 'chunked' }
  | { readonly framing: 'close' };

export type Mistake = { readonly mistake: string };

/** Reads the text up to, and without, the empty line. `each` is told every header as it came, its name in lower case. */
export function parseHead(text: string, each?: (name: string, value: string) => void): Head | Mistake {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.([01]) ([1-9]\d{2})(?: [^\r\n]*)?$/.exec(first);
  if (status === null) return { mistake: `status line: got ${quoted(first)}, want HTTP/1.1 and a code` };
  if (lines.length > maxHeaders) return { mistake: `headers: got ${lines.length}, want at most ${maxHeaders}` };
  const headers = new Map<string, string>();
  for (const line of lines) {
    const header = splitHeader(line);
    if (header === undefined) return { mistake: `header: got ${quoted(line)}, want name: value` };
    const { name, value } = header;
    each?.(name, value);
    const before = headers.get(name);
    // Two lengths are one only if they are equal; joined, they could not be told from a wrong one.
    if (before !== undefined && name === 'content-length') {
      if (before !== value) return { mistake: `content-length: got ${before} and ${shown(value)}, want one` };
    } else {
      headers.set(name, before === undefined ? value : `${before}, ${value}`);
    }
  }
  return { status: Number(status[2]), minorVersion: status[1] === '0' ? 0 : 1, headers };
}

const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * By hand, not by one pattern: one that has to find where blanks around a value end tries every way of dividing them, and
 * a line of 32 KiB of blanks would hold the process for hours.
 */
export function splitHeader(line: string): { readonly name: string; readonly value: string } | undefined {
  const colon = line.indexOf(':');
  if (colon < 1 || !valuePattern.test(line) || !namePattern.test(line.slice(0, colon))) return undefined;
  let from = colon + 1;
  let to = line.length;
  while (from < to && isBlank(line, from)) from += 1;
  while (to > from && isBlank(line, to - 1)) to -= 1;
  return { name: line.slice(0, colon).toLowerCase(), value: line.slice(from, to) };
}

function isBlank(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code === 32 || code === 9;
}

/** RFC 9112 §6.3, refusing what could be read in two ways. */
export function framingOf(head: Head, method: string): Framing | Mistake {
  const encoding = head.headers.get('transfer-encoding');
  const length = head.headers.get('content-length');
  if (encoding !== undefined && length !== undefined) {
    return { mistake: 'got both content-length and transfer-encoding, want one of them' };
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return { mistake: `content-length: got ${quoted(length)}, want a number` };
  }
  if (encoding !== undefined && (encoding.toLowerCase() !== 'chunked' || head.minorVersion === 0)) {
    return {
      mistake: `transfer-encoding: got ${quoted(encoding)} in HTTP/1.${head.minorVersion}, want chunked in 1.1`,
    };
  }
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return { framing: 'none' };
  if (method === 'CONNECT' && head.status < 300) return { framing: 'none' };
  if (encoding !== undefined) return { framing: 'chunked' };
  return length === undefined ? { framing: 'close' } : { framing: 'length', bytes: Number(length) };
}

/** Whether another request may follow on the same connection. */
export function staysOpen(head: Head, framing: Framing): boolean {
  const options = (head.headers.get('connection') ?? '')
    .toLowerCase()
    .split(',')
    .map((option) => option.trim());
  if (framing.framing === 'close' || options.includes('close')) return false;
  return head.minorVersion === 1 || options.includes('keep-alive');
}

function quoted(text: string): string {
  return JSON.stringify(shown(text));
}
