/** `io.prometheus.client.Metric`: one label set with its numbers. */
import { schema, zeroThreshold } from '../slices/histogram.ts';
import { cumulativeCounts } from './cut.ts';
import type { FamilyType, Label, Sample } from './exposition.ts';
import {
  bucketExemplarOf,
  classicBuckets,
  counterExemplarOf,
  durationBounds,
  type Exemplar,
  type NativeHistogram,
  nativeAt,
} from './layout.ts';
import { type Message, message } from './protobuf.ts';
import type { Child, SeriesCut } from './series.ts';
import { exemplarLabels } from './traces.ts';
import { boundOf, type Group } from './whole.ts';

export const metricTypes: Readonly<Record<FamilyType, number>> = {
  counter: 0,
  gauge: 1,
  summary: 2,
  untyped: 3,
  histogram: 4,
};

const family = { name: 1, help: 2, type: 3, metric: 4, unit: 5 } as const;
const metric = { label: 1, gauge: 2, counter: 3, summary: 4, untyped: 5, timestampMs: 6, histogram: 7 } as const;
const histogramField = {
  sampleCount: 1,
  sampleSum: 2,
  bucket: 3,
  sampleCountFloat: 4,
  schema: 5,
  zeroThreshold: 6,
  zeroCount: 7,
  zeroCountFloat: 8,
  positiveSpan: 12,
  positiveDelta: 13,
  positiveCount: 14,
  created: 15,
} as const;

export const familyFields = family;

export function labelled(labels: readonly Label[]): Message {
  const made = message();
  for (const [name, value] of labels) {
    if (value !== '' || name === 'instance') made.message(metric.label, message(64).text(1, name).text(2, value));
  }
  return made;
}

function timestamp(epochMs: number): Message {
  const seconds = Math.floor(epochMs / 1_000);
  return message(16)
    .varint(1, seconds)
    .varint(2, Math.round((epochMs - seconds * 1_000) * 1_000_000));
}

/** Of a label set that is counted by us. */
export function childMetric(child: Child, series: SeriesCut, type: FamilyType): Message {
  const { values } = series;
  const { slot, createdMs } = child;
  const made = labelled(child.labels);
  const value = values[slot] ?? 0;
  switch (type) {
    case 'counter': {
      const counter = message(128).double(1, value);
      putExemplar(counter, 2, counterExemplarOf(values, slot), series);
      return made.message(metric.counter, counter.message(3, timestamp(createdMs)));
    }
    case 'summary': {
      const summary = message(64).varint(1, values[slot + 1] ?? 0);
      return made.message(metric.summary, summary.double(2, value).message(4, timestamp(createdMs)));
    }
    case 'histogram':
      return made.message(metric.histogram, histogramOf(child, series));
    case 'gauge':
      return made.message(metric.gauge, message(16).double(1, value));
    case 'untyped':
      return made.message(metric.untyped, message(16).double(1, value));
  }
}

/** Twice in one: in classic buckets, which have the exemplars, and in those of base 2. */
function histogramOf({ slot, createdMs }: Child, series: SeriesCut): Message {
  const { values } = series;
  const native = nativeAt(values, slot);
  const made = message(2_048).varint(histogramField.sampleCount, native.count);
  made.double(histogramField.sampleSum, native.sum);
  const counts = cumulativeCounts(values, slot);
  for (let bucket = 0; bucket < classicBuckets; bucket += 1) {
    const one = message(64).varint(1, counts[bucket] ?? 0);
    one.double(2, durationBounds[bucket] ?? Number.POSITIVE_INFINITY);
    putExemplar(one, 3, bucketExemplarOf(values, slot, bucket), series);
    made.message(histogramField.bucket, one);
  }
  made.signed(histogramField.schema, schema).double(histogramField.zeroThreshold, zeroThreshold);
  made.varint(histogramField.zeroCount, native.zeroCount);
  putSpans(made, native);
  let before = 0;
  for (const count of native.runs.flatMap(({ counts: of }) => of)) {
    made.signed(histogramField.positiveDelta, count - before);
    before = count;
  }
  return made.message(histogramField.created, timestamp(createdMs));
}

/** Each run says how far it lies beyond the one before. */
function putSpans(made: Message, { runs }: NativeHistogram): void {
  let next = 0;
  for (const { first, counts } of runs) {
    const span = message(16)
      .signed(1, first - next)
      .varint(2, counts.length);
    made.message(histogramField.positiveSpan, span);
    next = first + counts.length;
  }
}

function putExemplar(made: Message, field: number, exemplar: Exemplar | undefined, series: SeriesCut): void {
  const id = exemplar === undefined ? undefined : series.nameOf(exemplar);
  if (exemplar === undefined || id === undefined) return;
  const written = message(256);
  for (const [name, value] of exemplarLabels(id, series.traceOf(exemplar)))
    written.message(1, message(128).text(1, name).text(2, value));
  made.message(field, written.double(2, exemplar.value).message(3, timestamp(exemplar.atMs)));
}

/** As Prometheus federates a histogram: in numbers with fractions, at a time, without classic buckets. */
export function federatedHistogram(labels: readonly Label[], native: NativeHistogram, atMs: number): Message {
  const made = message(512).double(histogramField.sampleSum, native.sum);
  made.double(histogramField.sampleCountFloat, native.count).signed(histogramField.schema, schema);
  made.double(histogramField.zeroThreshold, zeroThreshold).double(histogramField.zeroCountFloat, native.zeroCount);
  putSpans(made, native);
  for (const { counts } of native.runs) for (const count of counts) made.double(histogramField.positiveCount, count);
  return labelled(labels).varint(metric.timestampMs, Math.round(atMs)).message(metric.histogram, made);
}

/** Of what others say: one value. */
export function valueMetric(sample: Sample, type: 'counter' | 'gauge' | 'untyped'): Message {
  const made = labelled(sample.labels).message(metric[type], message(16).double(1, sample.value));
  return sample.atMs === undefined ? made : made.varint(metric.timestampMs, Math.round(sample.atMs));
}

/** Of what others say: a histogram or a summary that is whole. */
export function groupMetric(name: string, { labels, samples }: Group, type: 'histogram' | 'summary'): Message {
  const valueAt = (suffix: string): number => samples.find((sample) => sample.name === name + suffix)?.value ?? 0;
  const made = message(1_024).varint(1, valueAt('_count')).double(2, valueAt('_sum'));
  for (const sample of samples) {
    const bound = boundOf(sample.labels, type === 'histogram' ? 'le' : 'quantile');
    if (bound === undefined) continue;
    const one = message(32);
    if (type === 'histogram') one.varint(1, sample.value).double(2, bound);
    else one.double(1, bound).double(2, sample.value);
    made.message(3, one);
  }
  const atMs = samples[0]?.atMs;
  const whole = labelled(labels).message(metric[type], made);
  return atMs === undefined ? whole : whole.varint(metric.timestampMs, Math.round(atMs));
}
