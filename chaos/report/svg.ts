/** The waterfall as inline SVG. */
import type { Prediction } from '../../contract/drill.ts';
import { formatMs } from '../../contract/units.ts';
import type { Lane } from './lanes.ts';
import { shownBounds, shownQuantiles } from './numbers.ts';

const widthPx = 960;
const labelPx = 150;
const numberPx = 170;
const rowPx = 18;
const headPx = 24;
const gridLines = 4;

const replacements: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or a quoted attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => replacements[character] ?? '');
}

export type Scale = { readonly predicted: Prediction; readonly limitMs: number };
type Drawing = Scale & { readonly endMs: number };

export function waterfallSvg(lanes: readonly Lane[], scale: Scale): string {
  const latestMs = Math.max(
    1,
    ...lanes.flatMap(({ stages, shown }) => shown.map((stage) => stages[stage]?.upperMs ?? 0)),
  );
  const endMs = scale.limitMs <= latestMs * 2 ? Math.max(latestMs, scale.limitMs) * 1.05 : latestMs * 1.05;
  const drawing: Drawing = { ...scale, endMs };
  let y = headPx;
  const rows = lanes.map((lane) => {
    const drawn = laneRows(lane, y, drawing);
    y += headPx + lane.shown.length * rowPx;
    return drawn;
  });
  const height = y + 8;
  return `<svg role="img" aria-label="Stages over time" viewBox="0 0 ${widthPx} ${height}" width="${widthPx}" height="${height}" xmlns="http://www.w3.org/2000/svg">${grid(drawing, height)}${rows.join('')}</svg>`;
}

function x(ms: number, drawing: Drawing): number {
  const left = labelPx + numberPx;
  return left + Math.min(1, Math.max(0, ms / drawing.endMs)) * (widthPx - left - 10);
}

function grid(drawing: Drawing, height: number): string {
  const lines = Array.from({ length: gridLines + 1 }, (_, index) => {
    const ms = (drawing.endMs / gridLines) * index;
    const at = x(ms, drawing).toFixed(1);
    const anchor = index === gridLines ? 'end' : 'start';
    return `<line class="grid" x1="${at}" x2="${at}" y1="16" y2="${height}"/><text class="soft" x="${at}" y="12" text-anchor="${anchor}">${escaped(index === 0 ? '0' : formatMs(ms))}</text>`;
  });
  const at = x(drawing.limitMs, drawing).toFixed(1);
  const limit =
    drawing.limitMs <= drawing.endMs ? `<line class="limit" x1="${at}" x2="${at}" y1="16" y2="${height}"/>` : '';
  return lines.join('') + limit;
}

function laneRows(lane: Lane, top: number, drawing: Drawing): string {
  const note = lane.note === null ? '' : `: ${lane.note}`;
  const head = `<text x="0" y="${top + 14}" font-weight="700">${escaped(`${lane.vantage} ${lane.client}${note}`)}</text>`;
  const rows = lane.shown.map((stage, index) => {
    const bounds = lane.stages[stage];
    if (bounds === undefined) return '';
    const y = top + headPx + index * rowPx;
    const range = drawing.predicted[stage];
    const guess =
      range === undefined ? '' : rect('guess', { fromMs: range.p5, toMs: range.p95, y: y + 1, height: 12 }, drawing);
    const told = range === undefined ? '' : `; predicted ${shownQuantiles(range)}`;
    const bar = rect('bar', { fromMs: bounds.lowerMs, toMs: bounds.upperMs, y: y + 3, height: 8 }, drawing);
    const tip = `<title>${escaped(`${stage}: ${shownBounds(bounds)}${told}`)}</title>`;
    return `<g>${tip}<text class="soft" x="12" y="${y + 11}">${stage}</text><text x="${labelPx}" y="${y + 11}">${escaped(shownBounds(bounds))}</text>${guess}${bar}</g>`;
  });
  return head + rows.join('');
}

type Span = { readonly fromMs: number; readonly toMs: number; readonly y: number; readonly height: number };

function rect(kind: 'bar' | 'guess', span: Span, drawing: Drawing): string {
  const from = x(span.fromMs, drawing);
  const width = Math.max(2, x(span.toMs, drawing) - from);
  return `<rect class="${kind}" x="${from.toFixed(1)}" y="${span.y}" width="${width.toFixed(1)}" height="${span.height}" rx="1"/>`;
}
