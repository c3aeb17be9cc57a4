import { type Clock, sleep } from '../../contract/clock.ts';
import { type ByteWriter, byteWriter } from './bytes.ts';
import { type Cut, type CutFamily, childValues, familiesOf, linesIn } from './cut.ts';
import {
  type FamilyType,
  familyHead,
  formatValue,
  type Label,
  lineStart,
  sampleLine,
  type TextFormat,
} from './exposition.ts';
import { bucketExemplarOf, classicBuckets, counterExemplarOf, type Exemplar, type Slot } from './layout.ts';
import { type LineShape, lineShape, putLines } from './lines.ts';
import type { Child, SeriesCut } from './series.ts';
import { exemplarLabels } from './traces.ts';

/** Bytes between two turns of the event loop: about a millisecond's worth. */
export const bytesPerTurn = 524_288;
export const roomForOne = 16_384;

/** The exposition in pieces; whoever reads it slowly holds up nobody but itself. */
export async function* renderText(cut: Cut, format: TextFormat, clock: Clock): AsyncGenerator<Buffer, void, undefined> {
  const out = byteWriter(bytesPerTurn + roomForOne);
  for (const family of familiesOf(cut)) {
    for (const _one of writeFamily(out, family, cut.series, format)) {
      if (out.length < bytesPerTurn) continue;
      yield out.take();
      await sleep(clock, 0);
    }
  }
  if (format === 'openmetrics') out.text('# EOF\n');
  yield out.take();
}

/** One label set at a time: all at once would be as large as the exposition. A family without any is not written. */
function* writeFamily(
  out: ByteWriter,
  family: CutFamily,
  series: SeriesCut,
  format: TextFormat,
): Generator<void, void, undefined> {
  const { name, type, help, children, samples } = family;
  if (children.length + samples.length === 0) return;
  out.text(familyHead(name, type, help, format));
  const shapes = linesIn(family).map((line) => lineShape(line.name, line.bound));
  for (const child of children) {
    const values = childValues(child, series.values, type);
    if (format === 'text') putLines(out, child.text, { shapes, values }, lineFeed);
    else putOpenMetrics(out, child, { series, family, shapes, values });
    yield;
  }
  for (const sample of samples) {
    out.text(sampleLine(sample, format));
    yield;
  }
}

const lineFeed = new TextEncoder().encode('\n');

type Drawn = {
  readonly series: SeriesCut;
  readonly family: CutFamily;
  readonly shapes: readonly LineShape[];
  readonly values: readonly number[];
};

/** As in text, with exemplars, and since when it counts. */
function putOpenMetrics(out: ByteWriter, { text, slot, labels, createdMs }: Child, drawn: Drawn): void {
  const { series, shapes, values } = drawn;
  const { name, type } = drawn.family;
  for (const [line, shape] of shapes.entries()) {
    const exemplar = exemplarOf(series.values, slot, type, line);
    const told = exemplar === undefined ? '' : exemplarText(exemplar, series);
    const one = { shapes: [shape], values: [values[line] ?? 0] };
    putLines(out, text, one, told === '' ? lineFeed : Buffer.from(`${told}\n`));
  }
  if (type !== 'gauge') out.text(createdLine(name, labels, createdMs));
}

/** Only counters and buckets may have one. */
function exemplarOf(values: Float64Array, slot: Slot, type: FamilyType, line: number): Exemplar | undefined {
  if (type === 'counter') return counterExemplarOf(values, slot);
  return type === 'histogram' && line < classicBuckets ? bucketExemplarOf(values, slot, line) : undefined;
}

function exemplarText(exemplar: Exemplar, series: SeriesCut): string {
  const id = series.nameOf(exemplar);
  if (id === undefined) return '';
  const labels = exemplarLabels(id, series.traceOf(exemplar));
  return ` # ${lineStart('', labels)}${formatValue(exemplar.value)} ${secondsOf(exemplar.atMs)}`;
}

function createdLine(name: string, labels: readonly Label[], createdMs: number): string {
  return `${lineStart(`${name.replace(/_total$/, '')}_created`, labels)}${secondsOf(createdMs)}\n`;
}

function secondsOf(epochMs: number): string {
  return (epochMs / 1_000).toFixed(3);
}
