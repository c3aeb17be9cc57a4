/** An answer as it comes, held until it is whole. */
import type { Header } from '../http2/hpack.ts';
import { mistake } from '../http2/progress.ts';
import type { Hearer } from '../http2/reading.ts';
import { maxMessageBytes } from './message.ts';

/** Name in lower case, or `:status`, to its values with commas between. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** What came until the stream ended. `trailers`: `null` where the headers were all there is. */
export type Answer = { readonly headers: Headers; readonly trailers: Headers | null; readonly body: Buffer };

/** Five before the message; one more shows that there is more. */
const maxBodyBytes = maxMessageBytes + 6;

export type Listening = Hearer & { answer(): Answer };

/** `begun`: the final headers have come. */
export function listening(begun: () => void): Listening {
  const parts: Buffer[] = [];
  let length = 0;
  let headers: Headers = {};
  let trailers: Headers | null = null;
  return {
    begin(found, endsStream) {
      headers = joinedOf(found);
      begun();
      return endsStream ? 'done' : 'more';
    },
    data(content) {
      parts.push(content);
      length += content.length;
      return length <= maxBodyBytes ? 'more' : mistake(`got more than ${maxMessageBytes} bytes, want a health answer`);
    },
    end(found) {
      trailers = found === null ? null : joinedOf(found);
      return 'done';
    },
    answer: () => ({ headers, trailers, body: Buffer.concat(parts) }),
  };
}

function joinedOf(headers: readonly Header[]): Headers {
  const found = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(found);
}
