/** The one place that knows how metrics are written as text, and read. */

export type Label = readonly [name: string, value: string];
export type Sample = {
  readonly name: string;
  readonly labels: readonly Label[];
  readonly value: number;
  /** Epoch milliseconds; absent: now. */
  readonly atMs?: number;
};
export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: FamilyType;
  readonly samples: readonly Sample[];
};

export type Format = 'text' | 'openmetrics';
export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/**
 * A line up to its value. Labels without a value are left out: to Prometheus they are the same as absent; but for
 * `instance`, which is given empty so that a scraper does not put its own there.
 */
export function lineStart(name: string, labels: readonly Label[]): string {
  const shown = labels.filter(([label, value]) => value !== '' || label === 'instance');
  if (shown.length === 0) return `${name} `;
  return `${name}{${shown.map(([label, value]) => `${label}="${escapeValue(value)}"`).join(',')}} `;
}

function escapeValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}

export function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

/** The lines before a family's samples. */
export function familyHead(name: string, type: FamilyType, help: string, format: Format): string {
  if (format === 'text') {
    return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
  }
  // Here the family of a counter is its name without `_total`.
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  const unit = /_(seconds|bytes|ratio)$/.exec(family)?.[1];
  const shown = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  const kind = type === 'untyped' || (type === 'counter' && family === name) ? 'unknown' : type;
  return `# TYPE ${family} ${kind}\n${unit === undefined ? '' : `# UNIT ${family} ${unit}\n`}# HELP ${family} ${shown}\n`;
}

export function sampleLine(sample: Sample, format: Format): string {
  const at = sample.atMs === undefined ? '' : ` ${format === 'text' ? Math.round(sample.atMs) : sample.atMs / 1_000}`;
  return `${lineStart(sample.name, sample.labels)}${formatValue(sample.value)}${at}\n`;
}

/** What a scraper asks for, by its `Accept`: the one with the higher weight that we have; text where it does not say. */
export function negotiate(accept: string | undefined): Format {
  let best: { readonly format: Format; readonly weight: number } = { format: 'text', weight: 0 };
  for (const part of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const weight = Number(parameters.find((piece) => piece.startsWith('q='))?.slice(2) ?? 1);
    const version = parameters.find((piece) => piece.startsWith('version='))?.slice(8);
    const format = formatOf(type, version);
    if (format !== undefined && weight > best.weight) best = { format, weight };
  }
  return best.format;
}

function formatOf(type: string, version: string | undefined): Format | undefined {
  if (type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0')) return 'openmetrics';
  if (type === 'text/plain' && (version === undefined || version === '0.0.4')) return 'text';
  return type === '*/*' || type === 'text/*' ? 'text' : undefined;
}
