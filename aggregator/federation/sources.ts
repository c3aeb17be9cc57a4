/** A service's own metrics, read from each region by itself: a dead one delays nobody and is a metric. */
import { catalogue } from '../../contract/catalogue.ts';
import { type Clock, every } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import type { MetricsSource } from '../../contract/objective.ts';
import type { Family, Label, Sample } from '../metrics/exposition.ts';
import { family } from '../metrics/gauges.ts';
import { parseExposition } from '../metrics/parse-exposition.ts';
import { authorities, fetchPage } from './fetch.ts';

export type Sources = {
  families(nowMs: number): readonly Family[];
  states(): readonly SourceState[];
  stop(): Promise<void>;
};
/** Whether the last reading of it worked; `null` before the first. */
export type SourceState = { readonly source: string; readonly region: string | null; readonly up: boolean | null };

const readEveryMs = 5_000;
const limits = { timeoutMs: 4_000, maxBytes: 16 * 1_048_576 };
/** As long as Prometheus looks back: what is older is not shown any more. */
const stalenessMs = 300_000;
const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=1,*/*;q=0.1';

type Reading = {
  readonly up: boolean;
  readonly tookMs: number;
  readonly families: readonly Family[];
  readonly atMs: number;
};

export function readSources(
  sources: readonly MetricsSource[],
  ca: string | null,
  deps: { readonly clock: Clock; readonly log: Log },
): Sources {
  const { clock, log } = deps;
  const readings = new Map<MetricsSource, Reading>();
  const stopping = new AbortController();
  const trusted = authorities(ca);
  const running = new Set<Promise<void>>();

  async function read(source: MetricsSource): Promise<void> {
    const startedMs = clock.nowMs();
    const before = readings.get(source);
    try {
      const page = await fetchPage({ url: source.url, ca: trusted, accept }, limits, clock, stopping.signal);
      const parsed = parseExposition(page.text, page.contentType.includes('openmetrics'));
      if (typeof parsed === 'string') throw new Error(parsed);
      const atMs = clock.nowMs();
      readings.set(source, { up: true, tookMs: atMs - startedMs, families: kept(parsed, source, startedMs), atMs });
      if (before?.up === false) log.info({ region: source.region }, 'the metrics of the region can be read again');
    } catch (error) {
      if (stopping.signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      if (before?.up !== false) log.warn({ region: source.region, url: source.url, why }, 'no metrics from the region');
      const tookMs = clock.nowMs() - startedMs;
      readings.set(source, { up: false, tookMs, families: before?.families ?? [], atMs: before?.atMs ?? startedMs });
    }
  }

  function track(source: MetricsSource): Promise<void> {
    const work = read(source).finally(() => running.delete(work));
    running.add(work);
    return work;
  }

  const cancels = sources.map((source) => {
    void track(source);
    return every(
      clock,
      readEveryMs,
      () => track(source),
      () => undefined,
    );
  });

  return {
    families: (nowMs) => shownFamilies(readings, nowMs),
    states: () =>
      sources.map((source) => ({
        source: source.region,
        region: source.region,
        up: readings.get(source)?.up ?? null,
      })),
    async stop() {
      stopping.abort(new Error('stopping'));
      for (const cancel of cancels) cancel();
      await Promise.all(running);
    },
  };
}

function shownFamilies(readings: ReadonlyMap<MetricsSource, Reading>, nowMs: number): readonly Family[] {
  const seen = [...readings].map(([source, reading]) => ({ source, reading }));
  const fresh = seen.filter(({ reading }) => reading.up || nowMs - reading.atMs <= stalenessMs);
  const up = seen.map(({ source, reading }) => [[source.region], reading.up ? 1 : 0] as const);
  const took = seen.map(({ source, reading }) => [[source.region], reading.tookMs / 1_000] as const);
  return [
    family(catalogue.sourceUp, up),
    family(catalogue.sourceSeconds, took),
    ...merged(fresh.flatMap(({ reading }) => reading.families)),
  ];
}

/** What the keep list names, with the label of its region, and the time it was read unless it has its own. */
function kept(families: readonly Family[], source: MetricsSource, readAtMs: number): readonly Family[] {
  const keep = source.keep.map(matcherOf);
  const region: Label = ['region', source.region];
  return families.flatMap((family) => {
    const whole = keep.some((matches) => matches(family.name));
    const samples = family.samples
      .filter((sample) => whole || keep.some((matches) => matches(sample.name)))
      .map((sample): Sample => {
        const labels = sample.labels.some(([name]) => name === 'region') ? sample.labels : [...sample.labels, region];
        return { ...sample, labels, atMs: sample.atMs ?? readAtMs };
      });
    return samples.length === 0 ? [] : [{ ...family, samples }];
  });
}

/** A name, or a regular expression for the whole name, as in a relabelling rule. */
function matcherOf(pattern: string): (name: string) => boolean {
  try {
    const expression = new RegExp(`^(?:${pattern})$`);
    return (name) => expression.test(name);
  } catch {
    return (name) => name === pattern;
  }
}

/** Families of several regions under one name are one family; the same series of two is given once. */
function merged(families: readonly Family[]): readonly Family[] {
  const byName = new Map<string, { first: Family; samples: Map<string, Sample> }>();
  for (const family of families) {
    const known = byName.get(family.name) ?? { first: family, samples: new Map<string, Sample>() };
    byName.set(family.name, known);
    for (const sample of family.samples) {
      const id = JSON.stringify([sample.name, sample.labels]);
      if (!known.samples.has(id)) known.samples.set(id, sample);
    }
  }
  return [...byName.values()].map(({ first, samples }) => ({ ...first, samples: [...samples.values()] }));
}
