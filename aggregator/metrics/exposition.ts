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

/** The unit that a name ends in. */
export function unitOf(name: string): string | undefined {
  return /_(seconds|bytes|ratio)$/.exec(name)?.[1];
}

export type TextFormat = 'text' | 'openmetrics';

/** The lines before a family's samples. */
export function familyHead(name: string, type: FamilyType, help: string, format: TextFormat): string {
  if (format === 'text') {
    return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
  }
  // Here the family of a counter is its name without `_total`.
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  const unit = unitOf(family);
  const shown = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  const kind = type === 'untyped' || (type === 'counter' && family === name) ? 'unknown' : type;
  return `# TYPE ${family} ${kind}\n${unit === undefined ? '' : `# UNIT ${family} ${unit}\n`}# HELP ${family} ${shown}\n`;
}

export function sampleLine(sample: Sample, format: TextFormat): string {
  const at = sample.atMs === undefined ? '' : ` ${format === 'text' ? Math.round(sample.atMs) : sample.atMs / 1_000}`;
  return `${lineStart(sample.name, sample.labels)}${formatValue(sample.value)}${at}\n`;
}
