/** Further samples that anybody would wait for; beyond it the measured value is as good as on the target. */
export const maxNeeded = 1_000_000_000;

/** The least number of samples, all in all, with which it would be decided; minus those that are there. */
export function samplesNeeded(n: number, decides: (total: number) => boolean): number {
  let high = Math.max(1, n);
  while (!decides(high) && high < maxNeeded) high *= 2;
  if (high >= maxNeeded) return maxNeeded;
  let low = Math.max(n, Math.floor(high / 2));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (decides(middle)) high = middle;
    else low = middle + 1;
  }
  return Math.max(1, high - n);
}
