/** Which slices of ten seconds may have changed since somebody looked at them. */

/** Of the slices of ten seconds: what was opened may be counted into until what changed is taken. */
export function slotVersions() {
  const versions = new Map<number, number>();
  const open = new Set<number>();
  const changed = (tier: number, atMs: number): void => {
    if (tier === 0) versions.set(atMs, (versions.get(atMs) ?? 0) + 1);
  };
  return {
    changed,
    opened(tier: number, atMs: number): void {
      changed(tier, atMs);
      if (tier === 0) open.add(atMs);
    },
    closed: () => open.clear(),
    gone(tier: number, atMs: number): void {
      if (tier === 0) versions.delete(atMs);
    },
    of: (atMs: number): number | null => (open.has(atMs) ? null : (versions.get(atMs) ?? 0)),
  };
}
