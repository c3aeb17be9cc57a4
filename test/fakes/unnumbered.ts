import type { Unnumbered } from '../../probes/record.ts';

/** A good result without a number. */
export function unnumbered(over: Partial<Unnumbered> = {}): Unnumbered {
  const startMs = over.roundStartMs ?? 0;
  return {
    check: 'home',
    round: startMs / 1_000,
    startMs,
    durationMs: 1,
    outcome: 'good',
    phases: {},
    region: 'us-east-1',
    servedBy: null,
    client: 'fresh',
    burst: null,
    details: {},
    quality: { lateMs: 0, loopDelayMs: 0 },
    ...over,
  };
}
