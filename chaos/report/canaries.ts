/** The canaries in a report: the verdict, what was lost when, and what each store had. */
import type { CanaryLoss, CanaryReport } from '../../contract/canaries.ts';
import { countOf, shownNumbers, shownRanges } from '../canaries/facts.ts';
import { shownSpan } from './numbers.ts';
import { escaped } from './svg.ts';

type Table = { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

export function canariesHtml(canaries: CanaryReport | undefined): string {
  if (canaries === undefined) return '';
  const { verdict } = canaries;
  const tables = tablesOf(canaries).map(({ head, rows }) => {
    const cells = (tag: 'th' | 'td', row: readonly string[]): string =>
      `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
    return `<table>${cells('th', head)}${rows.map((row) => cells('td', row)).join('')}</table>`;
  });
  return `<section>
<h2>Canaries: <span class="status ${verdict.status}">${verdict.status}</span></h2>
<p>${escaped(verdict.because)}</p>
${tables.join('\n')}
</section>`;
}

/** `text` makes a text safe where it stands. */
export function canaryLines(canaries: CanaryReport | undefined, text: (value: string) => string): readonly string[] {
  if (canaries === undefined) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(text).join(' | ')} |`;
  return [
    `## Canaries: ${canaries.verdict.status}`,
    '',
    text(canaries.verdict.because),
    '',
    ...tablesOf(canaries).flatMap(({ head, rows }) => [line(head), line(head.map(() => '---')), ...rows.map(line), '']),
  ];
}

function tablesOf(canaries: CanaryReport): readonly Table[] {
  const { atFailover, atEnd, stores, splitBrain } = canaries;
  const split = splitBrain.map(({ regions, numbers }) => [regions.join(' and '), shownRanges(numbers)]);
  return [
    {
      head: ['looked at', 'acknowledged by then', 'missing', 'not known', 'span lost'],
      rows: [lossRow('the regions left, before restoring', atFailover), lossRow('all regions, after failback', atEnd)],
    },
    {
      head: ['store', 'highest number', 'gaps', 'doubles'],
      rows: stores.map(({ region, unread, highest, gaps, doubles }) => {
        const numbers = Object.entries(highest).map(([sequence, seq]) => `${sequence} ${seq}`);
        return [
          region,
          unread ?? (numbers.join('; ') || 'none'),
          orNone(shownNumbers(gaps)),
          orNone(shownNumbers(doubles)),
        ];
      }),
    },
    ...(split.length === 0 ? [] : [{ head: ['split brain', 'numbers that both acknowledged'], rows: split }]),
  ];
}

function lossRow(what: string, loss: CanaryLoss | null): readonly string[] {
  if (loss === null) return [what, 'nothing was read', '', '', ''];
  const { acknowledged, missing, unknown, span } = loss;
  const lost = countOf(missing) === 0 ? 'none' : `${countOf(missing)} (${shownNumbers(missing)})`;
  return [what, `${acknowledged}`, lost, `${countOf(unknown)}`, shownSpan(span)];
}

function orNone(text: string): string {
  return text === '' ? 'none' : text;
}
