/** Figures as rows of a Markdown table. */

export type Figures = {
  readonly perSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly rssBytes: number;
};
/** Of one answer, the median of several. */
export type Answered = {
  readonly cpuMs: number;
  readonly tookMs: number;
  readonly series: number;
  readonly bytes: number;
  readonly rssBytes: number;
};

export function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MB`;
}

/** How many times ours it is. */
export function times(theirs: number, ours: number): string {
  return ours === 0 ? '' : `${(theirs / ours).toFixed(theirs / ours < 10 ? 1 : 0)} ×`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
