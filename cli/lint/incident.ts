/** `--incident rate=0.2,regions=1,for=20m`, and whom it hits. */
import type { Probed } from '../../aggregator/slo/incident/incident.ts';
import { parseDurationMs, parseRatio } from '../../contract/units.ts';
import { effortOf } from '../../probes/effort.ts';
import { rhythmOf } from '../../probes/schedule.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Reader } from '../options.ts';
import type { ProbingOf } from './probing.ts';

export type IncidentOption = {
  readonly rate: number;
  readonly forMs: number;
  /** Those it hits; `null`: everything. */
  readonly regions: readonly string[] | null;
};

const example = 'such as rate=0.2,regions=1,for=20m';
/** The longest window of a burn alert. */
const longestMs = 3 * 86_400_000;
const shortestMs = 1_000;

/** Every mistake is noted; what is returned after one is not to be used. */
export function readIncident(text: string, scenario: Scenario, reader: Reader): IncidentOption {
  const note = (key: string, got: string, want: string): void => {
    reader.mistake({ place: key === '' ? '--incident' : `--incident ${key}`, got, want });
  };
  const given = new Map<string, string>();
  for (const part of text.split(',')) {
    const [key = '', ...rest] = part.split('=');
    const value = rest.join('=');
    if (!['rate', 'regions', 'for'].includes(key)) note('', JSON.stringify(part), `rate, regions and for, ${example}`);
    else if (given.has(key)) note(key, `${JSON.stringify(value)} a second time`, 'one value');
    else given.set(key, value);
  }
  const rate = rateOf(given.get('rate') ?? '1');
  if (rate === undefined || rate === 0) {
    note(
      'rate',
      JSON.stringify(given.get('rate')),
      'the share of attempts that fail, over 0 and up to 1, such as 0.2 or 20%',
    );
  }
  const written = given.get('for');
  const forMs = parseDurationMs(written ?? '');
  if (forMs === undefined || forMs < shortestMs || forMs > longestMs) {
    note('for', written === undefined ? 'nothing' : JSON.stringify(written), 'a duration from 1s to 3d, such as 20m');
  }
  return { rate: rate ?? 1, forMs: forMs ?? shortestMs, regions: regionsOf(given.get('regions'), scenario, note) };
}

function rateOf(text: string): number | undefined {
  return parseRatio(/^\d*\.?\d+$/.test(text) ? Number(text) : text);
}

/** A number of them takes those with the largest shares of the traffic; names stand between plus signs. */
function regionsOf(
  text: string | undefined,
  scenario: Scenario,
  note: (key: string, got: string, want: string) => void,
): readonly string[] | null {
  const all = Object.entries(scenario.regions)
    .sort(([, a], [, b]) => b.share - a.share)
    .map(([name]) => name);
  if (text === undefined) return null;
  const names = text.split('+');
  if (names.every((name) => all.includes(name))) return names;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= all.length) return all.slice(0, count);
  const known =
    all.length === 0
      ? 'nothing: the scenario has no regions'
      : `a number from 1 to ${all.length}, or names: ${all.join('+')}`;
  note('regions', JSON.stringify(text), known);
  return null;
}

/** What the simulation sees of an objective's rounds: each with its place in the interval, as agents keep it. */
export function probedIn({ everyMs, from }: ProbingOf, { regions }: IncidentOption): Probed {
  const streams = from.map(({ check, vantage }) => ({
    offsetMs: rhythmOf(check.id, vantage, everyMs, effortOf(check)).offsetMs,
    // A name that leads to all regions is answered by the asker's own.
    isHit: regions === null || regions.includes(check.region ?? vantage),
  }));
  return { everyMs, streams };
}
