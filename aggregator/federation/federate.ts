/** `GET /federate`: the newest sample of every series that a selector selects, as Prometheus gives it. */
import { type Clock, sleep } from '../../contract/clock.ts';
import type { Cut } from '../metrics/cut.ts';
import { formatValue, type Label } from '../metrics/exposition.ts';
import { federatedHistogram, valueMetric } from '../metrics/metric-messages.ts';
import type { Message } from '../metrics/protobuf.ts';
import { linesPerTurn } from '../metrics/render.ts';
import { delimited } from '../metrics/render-protobuf.ts';
import type { Selector } from './matchers.ts';
import { type Named, select } from './select.ts';

/** Sorted by name; every name untyped, every sample with its time in milliseconds. Empty without a match. */
export async function* federateText(
  cut: Cut,
  selectors: readonly Selector[],
  clock: Clock,
): AsyncGenerator<string, void, undefined> {
  let text = '';
  let lines = 0;
  for (const named of select(cut, selectors, false)) {
    if (named.kind !== 'values') continue;
    let head = `# TYPE ${named.name} untyped\n`;
    for (const { start, value, atMs } of named.samples()) {
      text += `${head}${start}${formatValue(value)} ${Math.round(atMs)}\n`;
      head = '';
      lines += 1;
      if (lines < linesPerTurn) continue;
      yield text;
      text = '';
      lines = 0;
      await sleep(clock, 0);
    }
  }
  yield text;
}

/** The same, and base-2 histograms whole. */
export async function* federateProtobuf(
  cut: Cut,
  selectors: readonly Selector[],
  clock: Clock,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const named of select(cut, selectors, true)) {
    const type = named.kind === 'histograms' ? 'histogram' : 'untyped';
    yield* delimited({ name: named.name, type, help: '' }, messagesOf(named), clock);
  }
}

function* messagesOf(named: Named): Generator<Message, void, undefined> {
  if (named.kind === 'histograms') {
    for (const { labels, histogram, atMs } of named.samples()) {
      yield federatedHistogram(withInstance(labels), histogram, atMs);
    }
    return;
  }
  for (const { labels, value, atMs } of named.samples()) {
    yield valueMetric({ name: named.name, labels: withInstance(labels), value, atMs }, 'untyped');
  }
}

function withInstance(labels: readonly Label[]): readonly Label[] {
  return labels.some(([name]) => name === 'instance') ? labels : [...labels, ['instance', '']];
}
