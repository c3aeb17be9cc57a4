/** What a drill says while it runs: a line an event. */
import type { Progress } from '../../chaos/runner/types.ts';
import { formatMs } from '../../contract/units.ts';
import type { Output } from '../io.ts';
import type { Paint } from '../table.ts';

/** Stages of the region itself, the same for every entry name and vantage. */
const common: ReadonlySet<string> = new Set(['drain', 'detect']);

/**
 * Writes progress as lines, each with the seconds since the first. Of the stages those of fresh clients: the waterfall at
 * the end has them all.
 */
export function sayProgress(output: Output, paint: Paint, elapsedMs: () => number): (event: Progress) => void {
  const line = (text: string): void => {
    output.write(`${(elapsedMs() / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
  };
  const said = new Set<string>();
  return (event) => {
    switch (event.kind) {
      case 'message':
        return line(event.text);
      case 'prediction':
        for (const text of event.text.split('\n')) line(text);
        return;
      case 'phase':
        if (!said.has(event.drill)) line(`drill ${event.drill}`);
        said.add(event.drill);
        return line(paint(event.phase, 'bold'));
      case 'stage': {
        const { where, entry, vantage, client, stage, bounds } = event;
        if (client === 'pooled' || (common.has(stage) && said.has(`${where} ${stage}`))) return;
        said.add(`${where} ${stage}`);
        const since = where === 'failover' ? 'after t0' : 'after the call of restore';
        return line(
          `${where}: ${common.has(stage) ? '' : `${entry} ${vantage} `}${stage} ${formatMs(bounds.lowerMs)} to ${formatMs(bounds.upperMs)} ${since}`,
        );
      }
      case 'refused':
        for (const { rule, because, remedy } of event.refusals)
          line(`${paint('refused', 'red')} by ${rule}: ${because}; ${remedy}`);
    }
  };
}
