/** Sizes by powers of 1024, as `10MB`, `1.5KiB` or `1GiB512MiB`; MB and MiB are the same here. */

const letters = ['', 'K', 'M', 'G', 'T', 'P', 'E'];
const most = 2 ** 63;

/** In bytes; null when it is no size. A negative one, or one of 2^63 and more that still parses, is 2^63. */
export function parseSize(text: string): number | null {
  const value = parsed(text, 'iB') ?? parsed(text, 'B');
  if (value === null || value < -most || value > most) return null;
  const bytes = Math.trunc(value) + 0;
  return bytes < 0 || bytes >= most ? most : bytes;
}

function parsed(text: string, suffix: 'iB' | 'B'): number | null {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0;
  const steps = [...rest.matchAll(/([0-9]*)(?:\.([0-9]*))?([^.0-9]*)/gy)].filter(([step]) => step !== '');
  if (rest === '' || steps.map(([step]) => step).join('') !== rest) return null;
  let total = 0;
  for (const [, digits = '', fraction = '', unit = ''] of steps) {
    const size = sizeOf(unit, suffix);
    if ((digits === '' && fraction === '') || size === null || isTooLong(digits) || isTooLong(fraction)) return null;
    total += (Number(digits || '0') + Number(fraction || '0') / 10 ** fraction.length) * size;
  }
  return sign === '-' ? -total : total;
}

function isTooLong(digits: string): boolean {
  return [...digits].some((_, index) => index > 0 && BigInt(digits.slice(0, index)) >= (2n ** 63n - 10n) / 10n);
}

function sizeOf(unit: string, suffix: 'iB' | 'B'): number | null {
  if (unit === 'B') return 1;
  const power = letters.findIndex((letter) => letter !== '' && unit === `${letter}${suffix}`);
  return power === -1 ? null : 1024 ** power;
}

/** `1GiB512MiB`; 2^63 is shown as the largest limit that the reader of a body takes. */
export function sizeText(bytes: number): string {
  let left = bytes >= most ? 2n ** 63n - 2n : BigInt(bytes);
  let text = '';
  for (const letter of letters) {
    const part = left % 1024n;
    if (part !== 0n) text = `${part}${letter}${letter === '' ? 'B' : 'iB'}${text}`;
    left /= 1024n;
  }
  return text;
}
