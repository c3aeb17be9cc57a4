import { type Clock, sleep } from '../../contract/clock.ts';
import { type Cut, type CutFamily, childValues, familiesOf } from './cut.ts';
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
import type { Child, SeriesCut } from './series.ts';
import { exemplarLabels } from './traces.ts';

/** Lines between two turns of the event loop: about two milliseconds' worth. */
export const linesPerTurn = 3_000;

/** The exposition in pieces; whoever reads it slowly holds up nobody but itself. */
export async function* renderText(cut: Cut, format: TextFormat, clock: Clock): AsyncGenerator<string, void, undefined> {
  let text = '';
  let lines = 0;
  for (const family of familiesOf(cut)) {
    let head = familyHead(family.name, family.type, family.help, format);
    for (const piece of piecesOf(family, cut.series, format)) {
      text += head + piece;
      head = '';
      lines += family.children.length > 0 && family.type === 'histogram' ? 24 : 1;
      if (lines < linesPerTurn) continue;
      yield text;
      text = '';
      lines = 0;
      await sleep(clock, 0);
    }
  }
  yield format === 'openmetrics' ? `${text}# EOF\n` : text;
}

/** One at a time, as they are read: all at once would be as large as the exposition. */
function* piecesOf(family: CutFamily, series: SeriesCut, format: TextFormat): Generator<string, void, undefined> {
  for (const child of family.children) {
    yield format === 'text' ? textOf(child, series.values, family) : openMetricsOf(child, series, family);
  }
  for (const sample of family.samples) yield sampleLine(sample, format);
}

function textOf(child: Child, values: Float64Array, { type }: CutFamily): string {
  const { starts } = child;
  let text = '';
  let line = 0;
  for (const value of childValues(child, values, type)) {
    text += `${starts[line] ?? ''}${formatValue(value)}\n`;
    line += 1;
  }
  return text;
}

/** As in text, with exemplars, and since when it counts. */
function openMetricsOf(child: Child, series: SeriesCut, { name, type }: CutFamily): string {
  const { starts, slot, labels } = child;
  const { values } = series;
  let text = '';
  let line = 0;
  for (const value of childValues(child, values, type)) {
    const exemplar = exemplarOf(values, slot, type, line);
    text += `${starts[line] ?? ''}${formatValue(value)}${exemplar === undefined ? '' : exemplarText(exemplar, series)}\n`;
    line += 1;
  }
  return type === 'gauge' ? text : text + createdLine(name, labels, child.createdMs);
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
