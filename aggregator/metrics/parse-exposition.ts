/** Reads text 0.0.4 and OpenMetrics, as far as samples, types and help go. */
import type { Family, FamilyType, Label, Sample } from './exposition.ts';

type Growing = { name: string; help: string; type: FamilyType; samples: Sample[] };
const types: ReadonlySet<string> = new Set<FamilyType>(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/** The families of an exposition, in its order; a text for the first line that cannot be read. */
export function parseExposition(text: string, openMetrics: boolean): readonly Family[] | string {
  const families = new Map<string, Growing>();
  const familyOf = (name: string): Growing => {
    const known = families.get(name) ?? { name, help: '', type: 'untyped', samples: [] };
    families.set(name, known);
    return known;
  };
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    if (line.trim() === '') continue;
    if (line.startsWith('#')) {
      readComment(line, openMetrics, familyOf);
      continue;
    }
    const sample = parseSample(line, openMetrics);
    if (sample === undefined) return `line ${number}: got ${JSON.stringify(line.slice(0, 80))}, want a sample`;
    if (openMetrics && tellsCreation(sample.name, families)) continue;
    (ownerOf(sample.name, families) ?? familyOf(sample.name)).samples.push(sample);
  }
  return [...families.values()].filter((family) => family.samples.length > 0);
}

function readComment(line: string, openMetrics: boolean, familyOf: (name: string) => Growing): void {
  const match = /^#\s+(HELP|TYPE)\s+(\S+)\s*(.*)$/.exec(line);
  if (match === null) return;
  const [, kind, written = '', rest = ''] = match;
  if (kind === 'HELP') {
    familyOf(written).help = rest.replaceAll('\\n', '\n').replaceAll('\\\\', '\\');
    return;
  }
  const type = rest.trim();
  familyOf(written).type = types.has(type) ? (type as FamilyType) : 'untyped';
  // OpenMetrics names a counter without its suffix; the samples have it.
  if (openMetrics && type === 'counter') familyOf(`${written}_total`).type = 'counter';
}

/** Since when a series counts is not a series. */
function tellsCreation(name: string, families: ReadonlyMap<string, Growing>): boolean {
  const base = /^(.+)_created$/.exec(name)?.[1];
  if (base === undefined || families.get(name) !== undefined) return false;
  const type = families.get(base)?.type;
  return type === 'counter' || type === 'histogram' || type === 'summary';
}

function ownerOf(name: string, families: ReadonlyMap<string, Growing>): Growing | undefined {
  const own = families.get(name);
  if (own !== undefined) return own;
  const base = /^(.+)_(bucket|sum|count)$/.exec(name)?.[1];
  const owner = base === undefined ? undefined : families.get(base);
  return owner?.type === 'histogram' || owner?.type === 'summary' ? owner : undefined;
}

/** One line: name, labels, value, time stamp. Exemplars are passed over. */
export function parseSample(line: string, openMetrics: boolean): Sample | undefined {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
  if (name === undefined) return undefined;
  let at = name.length;
  const labels: Label[] = [];
  if (line[at] === '{') {
    const end = readLabels(line, at + 1, labels);
    if (end === undefined) return undefined;
    at = end;
  }
  const rest = line.slice(at).split(' # ')[0]?.trim().split(/\s+/) ?? [];
  const [written, stamp, ...more] = rest;
  if (written === undefined || written === '' || more.length > 0) return undefined;
  const value = parseValue(written);
  if (value === undefined) return undefined;
  if (stamp === undefined) return { name, labels, value };
  const atMs = Number(stamp) * (openMetrics ? 1_000 : 1);
  return Number.isFinite(atMs) ? { name, labels, value, atMs } : undefined;
}

/** Reads up to the closing brace; the place after it. */
function readLabels(line: string, from: number, labels: Label[]): number | undefined {
  const pair = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;
  let at = from;
  while (line[at] !== '}') {
    pair.lastIndex = at;
    const match = pair.exec(line);
    if (match === null) return /^\s*\}/.test(line.slice(at)) ? line.indexOf('}', at) + 1 : undefined;
    labels.push([
      match[1] ?? '',
      (match[2] ?? '').replace(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char)),
    ]);
    at = pair.lastIndex;
  }
  return at + 1;
}

function parseValue(written: string): number | undefined {
  if (/^[+-]?Inf(inity)?$/i.test(written))
    return written.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (written === 'NaN') return Number.NaN;
  const value = Number(written);
  return Number.isNaN(value) ? undefined : value;
}
