/** Plain tables for people. */
import type { Row } from '../contract/verdict.ts';

const codes = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;
export type Paint = (text: string, style: keyof typeof codes) => string;

export function painter(colour: boolean): Paint {
  return (text, style) => (colour ? `\u001b[${codes[style]}m${text}\u001b[0m` : text);
}

/** Columns padded to their widest cell; the last is not padded. */
export function table(rows: readonly (readonly string[])[], separator = '  '): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join(separator),
    )
    .join('\n');
}

/** The rows of a design, one line each, worst news marked: a row that is not as expected carries `!`. */
export function rowTable(rows: readonly Row[], paint: Paint): string {
  const styles = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;
  const idWidth = Math.max(...rows.map((row) => row.id.length));
  const lines = rows.map((row) => {
    const odd = row.status === row.expected ? ' ' : '!';
    const status = paint(row.status.padEnd(12), styles[row.status]);
    return `${odd} ${row.id.padEnd(idWidth)}  ${status}  ${row.because}`;
  });
  return lines.join('\n');
}
