/** `GET /federate`: the newest sample of every series that a selector selects, as Prometheus gives it. */
import { type Clock, sleep } from '../../contract/clock.ts';
import { byteWriter } from '../metrics/bytes.ts';
import type { Cut } from '../metrics/cut.ts';
import type { Label } from '../metrics/exposition.ts';
import { putLines } from '../metrics/lines.ts';
import { federatedHistogram, valueMetric } from '../metrics/metric-messages.ts';
import type { Message } from '../metrics/protobuf.ts';
import { bytesPerTurn, roomForOne } from '../metrics/render.ts';
import { delimited } from '../metrics/render-protobuf.ts';
import type { Selector } from './matchers.ts';
import { type Named, select } from './select.ts';

/** Sorted by name; every name untyped, every sample with its time in milliseconds. Empty without a match. */
export async function* federateText(
  cut: Cut,
  selectors: readonly Selector[],
  clock: Clock,
): AsyncGenerator<Buffer, void, undefined> {
  const out = byteWriter(bytesPerTurn + roomForOne);
  const endOf = timeEnds();
  for (const named of await select(cut, selectors, false, clock)) {
    if (named.kind !== 'values') continue;
    let head = `# TYPE ${named.name} untyped\n`;
    for (const picked of named.samples()) {
      if (picked === null) await sleep(clock, 0);
      if (picked === null || picked.shapes.length === 0) continue;
      const { text, shapes, values, atMs } = picked;
      out.text(head);
      head = '';
      putLines(out, text, { shapes, values }, endOf(atMs));
      if (out.length < bytesPerTurn) continue;
      yield out.take();
      await sleep(clock, 0);
    }
  }
  yield out.take();
}

/** What follows a value; most samples have the same time. */
function timeEnds(): (atMs: number) => Uint8Array {
  let knownMs = Number.NaN;
  let known: Uint8Array = new Uint8Array();
  return (atMs) => {
    if (atMs !== knownMs) known = Buffer.from(` ${Math.round(atMs)}\n`);
    knownMs = atMs;
    return known;
  };
}

/** The same, and base-2 histograms whole. */
export async function* federateProtobuf(
  cut: Cut,
  selectors: readonly Selector[],
  clock: Clock,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const named of await select(cut, selectors, true, clock)) {
    const type = named.kind === 'histograms' ? 'histogram' : 'untyped';
    yield* delimited({ name: named.name, type, help: '' }, messagesOf(named), clock);
  }
}

function* messagesOf(named: Named): Generator<Message | null, void, undefined> {
  if (named.kind === 'histograms') {
    for (const picked of named.samples()) {
      yield picked && federatedHistogram(withInstance(picked.labels), picked.histogram, picked.atMs);
    }
    return;
  }
  for (const picked of named.samples()) {
    if (picked === null) {
      yield null;
      continue;
    }
    const { labels, shapes, values, atMs } = picked;
    for (const [index, { bound }] of shapes.entries()) {
      const whole: readonly Label[] = bound === null ? labels : [...labels, ['le', bound]];
      const sample = { name: named.name, labels: withInstance(whole), value: values[index] ?? 0, atMs };
      yield valueMetric(sample, 'untyped');
    }
  }
}

function withInstance(labels: readonly Label[]): readonly Label[] {
  return labels.some(([name]) => name === 'instance') ? labels : [...labels, ['instance', '']];
}
