/** What a drill says while it runs: a line an event. */
import type { Progress } from '../../chaos/runner/types.ts';
import { formatMs } from '../../contract/units.ts';
import type { Output } from '../io.ts';
import type { Paint } from '../table.ts';

/** Writes progress as lines, each with the seconds since the first. */
export function sayProgress(output: Output, paint: Paint, elapsedMs: () => number): (event: Progress) => void {
  const line = (text: string): void => {
    output.write(`${(elapsedMs() / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
  };
  return (event) => {
    switch (event.kind) {
      case 'message':
        return line(event.text);
      case 'prediction':
        for (const text of event.text.split('\n')) line(text);
        return;
      case 'phase':
        return line(paint(event.phase, 'bold'));
      case 'stage': {
        const { where, entry, vantage, client, stage, bounds } = event;
        const since = where === 'failover' ? 'after t0' : 'after the call of restore';
        return line(
          `${where}: ${entry} ${vantage} ${client} ${stage} ${formatMs(bounds.lowerMs)} to ${formatMs(bounds.upperMs)} ${since}`,
        );
      }
      case 'refused':
        for (const { rule, because, remedy } of event.refusals)
          line(`${paint('refused', 'red')} by ${rule}: ${because}; ${remedy}`);
    }
  };
}
