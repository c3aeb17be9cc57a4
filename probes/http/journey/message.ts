/** Headers of requests: in canonical form, and such that none can be made to end the head. */
import { tokenPattern, valuePattern } from '../request.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

/** Decide where messages end and how connections are used: never another's word. `Host` has a place of its own. */
const ours: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'connection']);

/** Later ones replace earlier ones of the same name. */
export function headersFrom(...given: readonly Readonly<Record<string, string>>[]): Headers | { mistake: string } {
  const headers = new Map<string, string>();
  for (const [name, value] of given.flatMap((some) => Object.entries(some))) {
    if (!tokenPattern.test(name)) return { mistake: `header name: got ${JSON.stringify(name)}, want a token` };
    if (ours.has(name.toLowerCase())) continue;
    // What is beyond ASCII goes out in UTF-8, byte by byte.
    const bytes = Buffer.byteLength(value) === value.length ? value : Buffer.from(value, 'utf8').toString('latin1');
    if (!valuePattern.test(bytes)) return { mistake: `header ${name}: got a line end or a control character in it` };
    headers.set(canonical(name), bytes);
  }
  return [...headers];
}

/** `x-request-id` as `X-Request-Id`. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}
