/** Go's durations: whole nanoseconds in 64 bits, with units up to hours. */

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const most = 2n ** 63n - 1n;

/** In nanoseconds; null when it is no duration, or does not fit. */
export function parseDuration(text: string): bigint | null {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0n;
  const steps = [...rest.matchAll(/([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/gy)];
  if (rest === '' || steps.map(([step]) => step).join('') !== rest) return null;
  let total = 0n;
  for (const [, digits = '', fraction = '', unit = ''] of steps) {
    if (digits === '' && fraction === '') return null;
    const size = units[unit] ?? 0n;
    total += BigInt(digits || '0') * size + part(fraction, size);
    if (total > most + 1n) return null;
  }
  if (sign === '-') return -total;
  return total > most ? null : total;
}

/** Digits that no longer fit into 63 bits are passed over, and what they leave is a float's product. */
function part(fraction: string, size: bigint): bigint {
  let digits = '';
  for (const digit of fraction) {
    if (BigInt(digits + digit) > most) break;
    digits += digit;
  }
  if (digits === '') return 0n;
  return BigInt(Math.trunc(Number(digits) * (Number(size) / 10 ** digits.length)));
}

/** As Go prints it: `1h0m0s`, `1.5s`, `20ms`. */
export function durationText(ns: bigint): string {
  if (ns === 0n) return '0s';
  const sign = ns < 0n ? '-' : '';
  const size = ns < 0n ? -ns : ns;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  const minutes = size / 60_000_000_000n;
  if (minutes === 0n) return `${sign}${seconds}`;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return `${digits.slice(0, -places)}${fraction === '' ? '' : `.${fraction}`}`;
}
