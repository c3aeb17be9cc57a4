import type { StoredResult } from '../../contract/api.ts';
import type { VantageClock } from './clock.ts';
import type { Span } from './span.ts';

/** One try over http, on its vantage's clock. Missing ones are no evidence and are left out: they show as a gap. */
export type Attempt = Span & {
  readonly good: boolean;
  /** Who answered, of a good one. */
  readonly servedBy: string | null;
  /** Where it was directed at. */
  readonly region: string | null;
  /** Of a pooled one: when its connection was opened; `null` when nobody says. */
  readonly connectedAtMs: number | null;
};

/** One dns answer, on its vantage's clock. */
export type Answer = Span & {
  readonly region: string;
  readonly server: string;
  readonly ttlSeconds: number | null;
};

/** In the order of their starts. */
export function attemptsOf(results: readonly StoredResult[], clock: VantageClock): readonly Attempt[] {
  return results
    .filter((result) => result.outcome !== 'missing')
    .map((result) => {
      const span = clock.span(result);
      return {
        ...span,
        good: result.outcome === 'good',
        servedBy: result.outcome === 'good' ? (result.servedBy ?? result.region) : null,
        region: result.region ?? result.servedBy,
        connectedAtMs: connectedAtMs(result, span),
      };
    })
    .sort((a, b) => a.startMs - b.startMs);
}

/** On the clock of the span: an agent's next boot has another one. */
function connectedAtMs({ startMs, details }: StoredResult, span: Span): number | null {
  return details.connectedAtMs === undefined ? null : span.startMs - (startMs - details.connectedAtMs);
}

/** In the order of their starts; those that led to no known region show nothing. */
export function answersOf(results: readonly StoredResult[], clock: VantageClock): readonly Answer[] {
  return results
    .flatMap((result) =>
      result.outcome === 'missing' || result.region === null
        ? []
        : [
            {
              ...clock.span(result),
              region: result.region,
              server: result.details.server ?? '',
              ttlSeconds: result.details.ttlSeconds ?? null,
            },
          ],
    )
    .sort((a, b) => a.startMs - b.startMs);
}
