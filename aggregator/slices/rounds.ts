/** Rounds that are the same for all agents, whatever their clocks say. */

/**
 * What to add to times on an agent's clock so that its rounds line up with everybody's: its clock offset in whole
 * rounds. An agent makes one result for each of its rounds, so slices counted by aligned rounds lose and double none.
 */
export function alignmentMs(everyMs: number, offsetMs: number): number {
  return Math.round(offsetMs / everyMs) * everyMs;
}

/** How many rounds start in `[fromMs, toMs)`. */
export function roundsBetween(everyMs: number, fromMs: number, toMs: number): number {
  return Math.max(0, Math.ceil(toMs / everyMs) - Math.ceil(fromMs / everyMs));
}
