/** Outages and stages of a drill as spans: what was seen, placed on the runner's clock, with its bounds. */
import type { Bounds } from '../../contract/bounds.ts';
import { type DrillReport, type EntryReport, stageIds } from '../../contract/drill.ts';
import type { SpanAttributes } from '../../contract/tracing.ts';
import type { TraceSpan } from '../trace.ts';

type Way = 'failover' | 'failback';

/** Where a moment is drawn; how sure it is stands beside it. */
export function middleOf({ lowerMs, upperMs }: Bounds): number {
  return (lowerMs + upperMs) / 2;
}

/** The outage that the loss caused, for each kind of client. One that was never ended is left to the report. */
export function outageSpans({ entries }: DrillReport, t0Ms: number): readonly TraceSpan[] {
  return entries.flatMap((entry) =>
    entry.failover.passages.flatMap((passage) => {
      const { main } = passage;
      if (main === null || main.ended === null) return [];
      const attributes = {
        ...whose(entry, passage),
        ...boundsOf('blackstart.outage', {
          lowerMs: main.length.lowerMs,
          upperMs: main.length.upperMs ?? main.length.lowerMs,
        }),
        'blackstart.outage.attempts': main.attempts,
        'blackstart.served_by': passage.servedBy,
      };
      const error = `${entry.entry} was not served at ${passage.vantage}`;
      return [span('outage', t0Ms + middleOf(main.began), t0Ms + middleOf(main.ended), { attributes, error })];
    }),
  );
}

/** Each stage from the call that began it to when it was seen. */
export function stageSpans({ entries }: DrillReport, way: Way, sinceMs: number): readonly TraceSpan[] {
  return entries.flatMap((entry) =>
    Object.entries(entry[way].stages).flatMap(([vantage, clients]) =>
      Object.entries(clients).flatMap(([client, stages]) =>
        stageIds.flatMap((stage) => {
          const bounds = stages[stage];
          if (bounds === undefined) return [];
          const attributes = {
            ...whose(entry, { vantage, client }),
            ...boundsOf('blackstart.stage', bounds),
            'blackstart.stage': stage,
          };
          return [
            span(`${way} ${stage}`, sinceMs, sinceMs + Math.max(0, middleOf(bounds)), { attributes, error: null }),
          ];
        }),
      ),
    ),
  );
}

function whose(
  { entry }: EntryReport,
  { vantage, client }: { readonly vantage: string; readonly client: string },
): SpanAttributes {
  return { 'blackstart.entry': entry, 'blackstart.vantage': vantage, 'blackstart.client': client };
}

function boundsOf(name: string, { lowerMs, upperMs }: Bounds): SpanAttributes {
  return { [`${name}.lower_seconds`]: lowerMs / 1_000, [`${name}.upper_seconds`]: upperMs / 1_000 };
}

function span(name: string, startMs: number, endMs: number, more: Pick<TraceSpan, 'attributes' | 'error'>): TraceSpan {
  return { name, startMs, endMs: Math.max(startMs, endMs), events: [], parts: [], ...more };
}
