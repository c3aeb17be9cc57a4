import { isObject } from '../../contract/json.ts';

/** One request, as k6 tells it. */
export type Point = {
  /** By k6's clock: the wall of the machine. */
  readonly endedWallMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly users: string;
};

/** Of a dozen lines for each request this one has all that is wanted; the others are told apart without reading them. */
const wanted = '{"metric":"http_req_duration","type":"Point"';
const longestTag = 40;

/** A line of k6's `--out json`; `null` for one that is no request. */
export function pointOf(line: string): Point | null {
  if (!line.startsWith(wanted)) return null;
  const data = dataIn(line);
  if (data === null) return null;
  const { time, value } = data;
  const tags = isObject(data['tags']) ? data['tags'] : {};
  const endedWallMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(endedWallMs) || typeof value !== 'number') return null;
  const users = typeof tags['users'] === 'string' ? tags['users'].slice(0, longestTag) : '';
  return { endedWallMs, durationMs: value, failed: tags['expected_response'] === 'false', users };
}

function dataIn(line: string): { readonly [key: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) && isObject(value['data']) ? value['data'] : null;
  } catch {
    return null; // What it wrote when it was killed.
  }
}

/** Text to whole lines. What is longer than any line of k6's is dropped. */
export function lineReader(onLine: (line: string) => void): (chunk: string) => void {
  const longest = 1 << 20;
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longest) rest = '';
    for (const line of lines) onLine(line);
  };
}
