/** Delimited messages `io.prometheus.client.MetricFamily`. */
import { type Clock, sleep } from '../../contract/clock.ts';
import { type Cut, type CutFamily, familiesOf } from './cut.ts';
import { type FamilyType, unitOf } from './exposition.ts';
import { childMetric, familyFields, groupMetric, metricTypes, valueMetric } from './metric-messages.ts';
import { lengthPrefix, type Message, message } from './protobuf.ts';
import type { SeriesCut } from './series.ts';
import { groupsOf } from './whole.ts';

/** Bytes between two turns of the event loop: about two milliseconds' worth. */
const bytesPerTurn = 128 * 1_024;

export async function* renderProtobuf(cut: Cut, clock: Clock): AsyncGenerator<Uint8Array, void, undefined> {
  for (const family of familiesOf(cut)) {
    const { name, type, help } = family;
    yield* delimited({ name, type, help }, metricsOf(family, cut.series), clock);
  }
}

export type FamilyHead = { readonly name: string; readonly type: FamilyType; readonly help: string };

/**
 * Its length stands first: so a family is kept until all of it is written. Nothing without a metric. `null` in place of a
 * metric: time for a turn of the event loop.
 */
export async function* delimited(
  { name, type, help }: FamilyHead,
  metrics: Iterable<Message | null>,
  clock: Clock,
): AsyncGenerator<Uint8Array, void, undefined> {
  const head = message().text(familyFields.name, name);
  if (help !== '') head.text(familyFields.help, help);
  head.varint(familyFields.type, metricTypes[type]);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let part = message(bytesPerTurn + 8_192);
  for (const metric of metrics) {
    if (metric === null) {
      await sleep(clock, 0);
      continue;
    }
    part.message(familyFields.metric, metric);
    if (part.finish().length < bytesPerTurn) continue;
    pieces.push(part.finish());
    bytes += part.finish().length;
    part = message(bytesPerTurn + 8_192);
    await sleep(clock, 0);
  }
  const unit = unitOf(name.replace(/_total$/, ''));
  if (bytes + part.finish().length === 0) return;
  if (unit !== undefined && help !== '') part.text(familyFields.unit, unit);
  const start = head.finish();
  yield lengthPrefix(start.length + bytes + part.finish().length);
  yield start;
  yield* pieces;
  yield part.finish();
}

function* metricsOf(family: CutFamily, series: SeriesCut): Generator<Message, void, undefined> {
  const { type, name } = family;
  for (const child of family.children) yield childMetric(child, series, type);
  if (type === 'histogram' || type === 'summary') {
    for (const group of groupsOf(family)) yield groupMetric(name, group, type);
  } else {
    for (const sample of family.samples) yield valueMetric(sample, type);
  }
}
