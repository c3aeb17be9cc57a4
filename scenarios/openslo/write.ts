/** Objectives as documents of OpenSLO v1, which read back are the same objectives. */
import type { JsonObject } from '../../contract/json.ts';
import type { Calendar, Objective } from '../../contract/objective.ts';
import { durationText } from '../imports/text.ts';
import { measured, shareOf } from './measure.ts';
import { annotationPrefix } from './translate.ts';

export type OpenSloOptions = {
  readonly service: string;
  readonly objectives: readonly Objective[];
  /** Where other programs reach the Prometheus that has our metrics. */
  readonly prometheusUrl: string;
  /** Upper bounds in seconds of the classic buckets of durations. */
  readonly bounds: readonly number[];
};

export type OpenSloFile = {
  readonly documents: readonly JsonObject[];
  /** What OpenSLO cannot say, by objective: an annotation has it, which other programs do not know. */
  readonly notes: readonly string[];
};

const source = 'blackstart-prometheus';

export function openSloOf({ service, objectives, prometheusUrl, bounds }: OpenSloOptions): OpenSloFile {
  const serviceName = labelOf(service);
  const names = new Set<string>();
  const slos = objectives.map((objective) => {
    const name = unused(labelOf(objective.id), names);
    names.add(name);
    return sloOf(objective, { name, serviceName, bounds });
  });
  return {
    documents: [
      document('Service', { name: serviceName }, {}),
      document('DataSource', { name: source }, { type: 'Prometheus', connectionDetails: { url: prometheusUrl } }),
      ...slos.map(({ slo }) => slo),
    ],
    notes: slos.flatMap(({ notes }, index) => notes.map((note) => `${objectives[index]?.id}: ${note}`)),
  };
}

type Named = { readonly name: string; readonly serviceName: string; readonly bounds: readonly number[] };

function sloOf(objective: Objective, { name, serviceName, bounds }: Named) {
  const measure = measured(objective, { source, bounds });
  const window = windowOf(objective);
  const aside = asideOf(objective);
  const marks = { ...(name === objective.id ? {} : { id: objective.id }), ...measure.marks, ...window.marks, ...aside };
  const annotations = Object.fromEntries(
    Object.entries(marks).map(([key, value]) => [`${annotationPrefix}${key}`, value]),
  );
  const { timeSlices } = objective;
  const slo = document(
    'SLO',
    { name, ...(Object.keys(marks).length > 0 && { annotations }) },
    {
      service: serviceName,
      indicator: { metadata: { name: `${name.slice(0, 59)}-sli` }, spec: { ratioMetric: measure.ratioMetric } },
      timeWindow: [window.timeWindow],
      budgetingMethod: timeSlices === undefined ? 'Occurrences' : 'Timeslices',
      objectives: [
        {
          target: shareOf(objective.indicator),
          ...(timeSlices && {
            timeSliceTarget: timeSlices.target,
            timeSliceWindow: `${timeSlices.sliceMs / minuteMs}m`,
          }),
        },
      ],
    },
  );
  const said = Object.entries(aside).map(([key, value]) => `OpenSLO cannot say ${key}: ${value}`);
  return { slo, notes: [...measure.notes, ...window.notes, ...said] };
}

/** What an SLO, its queries or its window say. */
type Said = 'id' | 'check' | 'region' | 'indicator' | 'windowMs' | 'calendar' | 'timeSlices';
type Aside = Exclude<keyof Objective, Said>;
type Mark<K extends Aside> = readonly [key: string, text: (value: NonNullable<Objective[K]>) => string | null];

/** Keys of ours that OpenSLO has no word for, as a scenario writes them; `null`: as it is without. */
const aside: { readonly [K in Aside]-?: Mark<K> } = {
  from: ['from', (from) => (from === 'own' ? from : null)],
  missing: ['missing', (missing) => missing],
  burstMs: ['bursts', durationText],
  exclusions: [
    'exclude',
    (spans) =>
      JSON.stringify(spans.map(({ fromMs, toMs, because }) => ({ from: moment(fromMs), to: moment(toMs), because }))),
  ],
  drills: ['drills', (drills) => drills],
  weighting: ['weighting', ({ by }) => by],
};

function asideOf(objective: Objective): Readonly<Record<string, string>> {
  const marks = (Object.keys(aside) as Aside[]).flatMap((key) => {
    const [name, text] = aside[key] as Mark<Aside>;
    const value = objective[key];
    const said = value === undefined ? null : text(value as never);
    return said === null ? [] : [[name, said]];
  });
  return Object.fromEntries(marks);
}

function moment(ms: number): string {
  return new Date(ms).toISOString();
}

const minuteMs = 60_000;
const shorthands = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', minuteMs],
] as const;
const periods: { readonly [E in Calendar['every']]: string } = {
  day: '1d',
  week: '1w',
  month: '1M',
  quarter: '1Q',
  year: '1Y',
};
/** A Monday, and the first of a year: every period of ours may begin with it. */
const anyStart = '2024-01-01 00:00:00';

type Window = {
  readonly timeWindow: JsonObject;
  readonly marks: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
};

function windowOf({ windowMs, calendar }: Objective): Window {
  if (calendar !== undefined) {
    const { every, timeZone } = calendar;
    const timeWindow = { duration: periods[every], isRolling: false, calendar: { startTime: anyStart, timeZone } };
    return { timeWindow, marks: {}, notes: [] };
  }
  const wholeMs = Math.ceil(windowMs / minuteMs) * minuteMs;
  const [unit, unitMs] = shorthands.find(([, size]) => wholeMs % size === 0) ?? ['m', minuteMs];
  const duration = `${wholeMs / unitMs}${unit}`;
  const text = durationText(windowMs);
  return {
    timeWindow: { duration, isRolling: true },
    marks: wholeMs === windowMs ? {} : { window: text },
    notes: wholeMs === windowMs ? [] : [`OpenSLO has whole minutes: its window is ${duration}, ours ${text}`],
  };
}

/** A name as RFC 1123 has it. */
function labelOf(text: string): string {
  const label = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, '');
  return label === '' ? 'x' : label;
}

function unused(label: string, taken: ReadonlySet<string>): string {
  let name = label;
  for (let number = 2; taken.has(name); number += 1) name = `${label.slice(0, 56)}-${number}`;
  return name;
}

function document(kind: string, metadata: JsonObject, spec: JsonObject): JsonObject {
  return { apiVersion: 'openslo/v1', kind, metadata, spec };
}
