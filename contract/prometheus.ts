/** How Prometheus writes things. */

const units = [
  ['y', 365 * 86_400_000, true],
  ['w', 7 * 86_400_000, true],
  ['d', 86_400_000, false],
  ['h', 3_600_000, false],
  ['m', 60_000, false],
  ['s', 1_000, false],
  ['ms', 1, false],
] as const;

/** A duration of whole milliseconds as its own tools would print it: `30d`, `4w`, `1d1h`. */
export function promDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [name, unitMs, isWholeOnly] of units) {
    if (isWholeOnly && rest % unitMs !== 0) continue;
    const many = Math.floor(rest / unitMs);
    if (many > 0) text += `${many}${name}`;
    rest -= many * unitMs;
  }
  return text === '' ? '0s' : text;
}
