/** How long a drill may last after its injection, and how long restoring may take after that. */
import type { DrillPlan } from '../../scenarios/scenario.ts';

/** A cluster that cannot be written to for so long needs a person. */
export const restoreLimitMs = 300_000;
/** Beyond what a drill's limits add up to. */
const slackMs = 60_000;

/** From the injection on; then it is restored, whatever it still waits for. */
export function deadlineMsOf({ deadlineMs, expect, holdMs }: DrillPlan): number {
  if (deadlineMs !== null) return deadlineMs;
  const overMs = Math.max(...expect.map(({ withinMs }) => withinMs));
  const backMs = Math.max(...expect.map(({ failbackMs }) => failbackMs));
  return overMs + holdMs + backMs + slackMs;
}
