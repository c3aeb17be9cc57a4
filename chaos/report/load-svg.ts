/** Requests and failures over time as inline SVG, with the drill's moments. */
import type { DrillReport } from '../../contract/drill.ts';
import type { LoadPoint, LoadReport } from '../../contract/load.ts';
import { formatMs } from '../../contract/units.ts';
import { escaped } from './svg.ts';

const widthPx = 960;
const leftPx = 60;
const topPx = 24;
const bottomPx = 164;
const heightPx = 190;

type Frame = { readonly fromMs: number; readonly toMs: number; readonly most: number; readonly widthMs: number };

/** Empty where nothing was asked. */
export function loadSvg({ points, widthMs }: LoadReport, report: Pick<DrillReport, 't0' | 'restoreCalled'>): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return '';
  const most = Math.max(...points.map(({ requests }) => requests));
  const frame: Frame = { fromMs: first.atMs, toMs: last.atMs + widthMs, most, widthMs };
  const bars = points.map((point) => barsOf(point, frame)).join('');
  const moments = [
    moment('t0', report.t0?.lowerMs, frame),
    moment('restore', report.restoreCalled?.lowerMs, frame),
  ].join('');
  const rate = (most / widthMs) * 1_000;
  const axis = `<text class="soft" x="0" y="${topPx + 8}">${rate.toFixed(rate < 10 ? 1 : 0)}/s</text><text class="soft" x="0" y="${bottomPx}">0</text><line class="grid" x1="${leftPx}" x2="${widthPx}" y1="${bottomPx}" y2="${bottomPx}"/>`;
  const ends = `<text class="soft" x="${widthPx}" y="${heightPx - 6}" text-anchor="end">${escaped(formatMs(frame.toMs - frame.fromMs))}</text>`;
  return `<svg role="img" aria-label="Requests and failures over time" viewBox="0 0 ${widthPx} ${heightPx}" width="${widthPx}" height="${heightPx}" xmlns="http://www.w3.org/2000/svg">${axis}${bars}${moments}${ends}</svg>`;
}

function x(atMs: number, { fromMs, toMs }: Frame): number {
  return leftPx + ((atMs - fromMs) / (toMs - fromMs)) * (widthPx - leftPx);
}

function barsOf(point: LoadPoint, frame: Frame): string {
  const { atMs, requests, failed, p95Ms } = point;
  const from = x(atMs, frame);
  const width = Math.max(1, x(atMs + frame.widthMs, frame) - from - 0.2);
  const bar = (kind: 'bar' | 'bad', count: number): string => {
    const height = (count / frame.most) * (bottomPx - topPx);
    return `<rect class="${kind}" x="${from.toFixed(1)}" y="${(bottomPx - height).toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}"/>`;
  };
  const p95 = p95Ms === null ? '' : `, p95 ${formatMs(p95Ms)}`;
  const tip = `after ${formatMs(atMs - frame.fromMs)}: ${requests} requests, ${failed} failed${p95}`;
  return `<g><title>${escaped(tip)}</title>${bar('bar', requests)}${failed === 0 ? '' : bar('bad', failed)}</g>`;
}

function moment(name: string, atMs: number | undefined, frame: Frame): string {
  if (atMs === undefined || atMs < frame.fromMs || atMs > frame.toMs) return '';
  const at = x(atMs, frame).toFixed(1);
  return `<line class="limit" x1="${at}" x2="${at}" y1="16" y2="${bottomPx}"/><text x="${at}" y="12">${name}</text>`;
}
