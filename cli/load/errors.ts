import { isObject } from '../../contract/json.ts';

/** So many different sentences are kept, and so many lines are read for them. */
const mostSaid = 10;
const mostRead = 1_000;
const longestSaid = 300;

/** What k6 tells on stderr: how many iterations threw, and its first errors. It holds no more than these. */
export type ErrorLog = { line(line: string): void; thrown(): number; said(): readonly string[] };

export function errorLog(): ErrorLog {
  const said = new Set<string>();
  let thrown = 0;
  let read = 0;
  return {
    line(line) {
      // Of an exception in `setup` no scenario is told.
      if (line.includes('"source":"stacktrace"') && line.includes('"scenario":')) thrown += 1;
      if (said.size >= mostSaid || read >= mostRead) return;
      read += 1;
      const sentence = sentenceIn(line);
      if (sentence !== null) said.add(sentence);
    },
    thrown: () => thrown,
    said: () => [...said],
  };
}

/** The message of an error; a line that is no entry of a log is taken as it is. */
function sentenceIn(line: string): string | null {
  const entry = parsed(line);
  if (!isObject(entry)) return line.trim() === '' ? null : cut(line);
  const { level, msg, error } = entry;
  if (level !== 'error' && level !== 'fatal' && level !== 'panic') return null;
  return cut([msg, error].filter((part) => typeof part === 'string').join(': '));
}

function cut(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, longestSaid);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
