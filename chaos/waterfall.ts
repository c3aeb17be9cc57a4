/** A drill's stages as bars over time, for a terminal. */
import type { Bounds } from '../contract/bounds.ts';
import type { DrillReport, EntryReport, EntryTimeline, Prediction, StageId } from '../contract/drill.ts';
import { formatMs } from '../contract/units.ts';
import { type Lane, lanesOf } from './report/lanes.ts';
import { shownBounds, shownQuantiles } from './report/numbers.ts';

export type WaterfallOptions = {
  /** Columns; at least 60. */
  readonly width: number;
  readonly colour: boolean;
  /** Only this entry name; all without it. */
  readonly entry?: string;
};

type Paper = { readonly width: number; readonly paint: (code: number, text: string) => string };

const labelColumns = 14;
const numberColumns = 20;
const predictedColumns = 18;
const leastWidth = 60;

/** Per vantage and class one line a stage: its bar from its lower to its upper bound, on one axis per entry and side. */
export function waterfall(report: DrillReport, options: WaterfallOptions): string {
  const paper: Paper = {
    width: Math.max(leastWidth, options.width),
    paint: (code, text) => (options.colour ? `\u001b[${code}m${text}\u001b[0m` : text),
  };
  const entries = report.entries.filter(({ entry }) => options.entry === undefined || entry === options.entry);
  return [
    paper.paint(1, `${report.name}: ${report.region} taken away (${report.fault})`),
    ...entries.flatMap((entry) => ['', ...entryLines(report, entry, paper)]),
    '',
  ].join('\n');
}

function entryLines(report: DrillReport, entry: EntryReport, paper: Paper): readonly string[] {
  const { status, because } = entry.verdict;
  const colour = { pass: 32, fail: 31, inconclusive: 33 }[status];
  const word = paper.paint(colour, status.toUpperCase());
  return [
    `${paper.paint(1, entry.entry)}  ${word}`,
    ...wrapped(because, paper.width - 2).map((line) => `  ${line}`),
    '',
    ...sideLines('failover, after t0', entry.failover, { predicted: report.predicted, limitMs: entry.withinMs }, paper),
    '',
    ...sideLines(
      'failback, after the restore call',
      entry.failback,
      { predicted: report.predictedBack ?? {}, limitMs: entry.failbackMs },
      paper,
    ),
  ];
}

type Scale = { readonly predicted: Prediction; readonly limitMs: number };

function sideLines(title: string, timeline: EntryTimeline, scale: Scale, paper: Paper): readonly string[] {
  const lanes = lanesOf(timeline);
  const endMs = axisEndMs(lanes, scale);
  if (endMs === 0) return [paper.paint(2, `  ${title}: nothing was observed`)];
  const withPredicted = Object.keys(scale.predicted).length > 0;
  const columns = paper.width - 2 - labelColumns - numberColumns - (withPredicted ? predictedColumns : 0) - 1;
  const axis: Axis = { endMs, columns, scale, withPredicted };
  return [headLine(title, axis, paper), ...lanes.flatMap((lane) => laneLines(lane, axis, paper))];
}

type Axis = {
  readonly endMs: number;
  readonly columns: number;
  readonly scale: Scale;
  readonly withPredicted: boolean;
};

function headLine(title: string, axis: Axis, paper: Paper): string {
  const left = `  ${title}`.padEnd(2 + labelColumns + numberColumns);
  const predicted = axis.withPredicted ? 'predicted'.padEnd(predictedColumns) : '';
  const end = formatMs(axis.endMs);
  const ruler = `0${end.padStart(Math.max(end.length, axis.columns - 1))}`;
  return paper.paint(2, `${left}${predicted} ${ruler}`.trimEnd());
}

function laneLines(lane: Lane, axis: Axis, paper: Paper): readonly string[] {
  const { vantage, client, stages, note } = lane;
  const head = `  ${paper.paint(1, vantage)} ${client}${note === null ? '' : `: ${note}`}`;
  return [head, ...lane.shown.flatMap((stage) => stageLines(stage, stages[stage], axis, paper))];
}

function stageLines(stage: StageId, bounds: Bounds | undefined, axis: Axis, paper: Paper): readonly string[] {
  if (bounds === undefined) return [];
  const predicted = axis.scale.predicted[stage];
  const text = axis.withPredicted
    ? (predicted === undefined ? '' : shownQuantiles(predicted)).padEnd(predictedColumns)
    : '';
  const numbers = shownBounds(bounds).padEnd(numberColumns);
  const range = predicted === undefined ? undefined : { lowerMs: predicted.p5, upperMs: predicted.p95 };
  return [
    `  ${stage.padEnd(labelColumns)}${numbers}${paper.paint(2, text)} ${bar(bounds, range, axis, paper)}`.trimEnd(),
  ];
}

/** Blocks where the moment is, dots where it was predicted; the limit is a bar of its own. */
function bar(bounds: Bounds, predicted: Bounds | undefined, axis: Axis, paper: Paper): string {
  const { endMs, columns, scale } = axis;
  const at = (ms: number): number => Math.min(columns - 1, Math.max(0, Math.floor((ms / endMs) * columns)));
  const covers = (range: Bounds, column: number): boolean => column >= at(range.lowerMs) && column <= at(range.upperMs);
  const limit = scale.limitMs <= endMs ? at(scale.limitMs) : -1;
  let line = '';
  for (let column = 0; column < columns; column += 1) {
    if (covers(bounds, column)) line += paper.paint(36, '█');
    else if (column === limit) line += paper.paint(31, '|');
    else line += predicted !== undefined && covers(predicted, column) ? paper.paint(2, '·') : ' ';
  }
  return line.trimEnd();
}

function axisEndMs(lanes: readonly Lane[], scale: Scale): number {
  const seen = lanes.flatMap(({ stages, shown }) => shown.map((stage) => stages[stage]?.upperMs ?? 0));
  const latestMs = Math.max(0, ...seen);
  if (latestMs === 0) return 0;
  const predictedMs = Math.max(0, ...Object.values(scale.predicted).map(({ p95 }) => p95));
  const endMs = Math.max(latestMs, predictedMs) * 1.05;
  // A limit that is near is drawn; one that is far would push all bars to the left edge.
  return scale.limitMs <= endMs * 2 ? Math.max(endMs, scale.limitMs * 1.02) : endMs;
}

function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
