/** Lower case, with the final dot, `\052` as `*`: two names are equal if and only if these are. */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase().replaceAll('\\052', '*');
  return lower.endsWith('.') ? lower : `${lower}.`;
}

/** Whether a canonical name is `zoneName` or below it; `evilagent.test.` is not below `agent.test.`. */
export function isWithin(name: string, zoneName: string): boolean {
  return name === zoneName || zoneName === '.' || name.endsWith(`.${zoneName}`);
}

/** `eu.agent.test.` to `agent.test.`; `undefined` for the root. */
export function parentOf(name: string): string | undefined {
  if (name === '.') return undefined;
  const dot = name.indexOf('.');
  return dot === name.length - 1 ? '.' : name.slice(dot + 1);
}

/** The order in which Route 53 lists: by labels from the right. */
export function compareNames(a: string, b: string): number {
  return compareTexts(listingKey(a), listingKey(b));
}

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function listingKey(name: string): string {
  // NUL sorts before every letter, so that a name comes before the names below it.
  return name.split('.').filter(Boolean).reverse().join('\u0000');
}
