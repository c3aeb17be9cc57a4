/** Reads samples back out of the text that Prometheus scrapes. */
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** The samples of one family of the name, in text 0.0.4 or OpenMetrics. */
export function samplesOf(text: string, name: string): readonly Sample[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(name) && /^[{\s]/.test(line.slice(name.length)))
    .map((line) => {
      const rest = line.slice(name.length).trim();
      const end = labelsLength(rest);
      const [value = 'NaN'] = rest.slice(end).trim().split(/\s+/);
      return { labels: labelsIn(rest.slice(0, end)), value: numberOf(value) };
    });
}

/** Up to the brace that ends the labels: one within quotes does not. */
function labelsLength(text: string): number {
  return /^\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}/.exec(text)?.[0].length ?? 0;
}

function labelsIn(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    labels[name ?? ''] = (value ?? '').replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function numberOf(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
