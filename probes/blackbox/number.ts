/** Numbers as Prometheus' own library prints them, `1.7e+09`: who compares the texts of two exporters sees the same. */

/** With an exponent outside of these powers of ten. */
const powers = { from: -4, below: 6 };

export function promNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  // JavaScript has no exponent of its own within these.
  if (power >= powers.from && power < powers.below) return String(value === 0 ? 0 : value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
