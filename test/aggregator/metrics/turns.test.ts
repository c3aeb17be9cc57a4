import { expect, test } from 'vitest';
import { federateProtobuf, federateText } from '../../../aggregator/federation/federate.ts';
import type { Selector } from '../../../aggregator/federation/matchers.ts';
import type { Cut } from '../../../aggregator/metrics/cut.ts';
import { seriesTable } from '../../../aggregator/metrics/series.ts';
import { instantClock } from '../../fakes/instant-clock.ts';

const selectorsAsked = 200;
/** A label set is looked at by all selectors in one turn, so a turn may exceed its measure by one of them. */
const mostLooks = 2_000 + selectorsAsked;

function largeCut(): Cut {
  const series = seriesTable();
  for (let check = 0; check < 300; check += 1) {
    const labels = ['world', `check-${check}`, 'us-east-1', 'us-east-1', 'us'];
    series.observe(series.slot('probeDuration', labels), 0.1, { boot: 0, seq: check, atMs: 0 });
  }
  const samples = Array.from({ length: 300 }, (_one, index) => ({
    name: 'given',
    labels: [['shop', `shop-${index}`]] as const,
    value: index,
  }));
  return {
    atMs: 1_700_000_000_000,
    series: series.cut(),
    goneVantages: new Set(),
    families: [{ name: 'given', help: 'Of others.', type: 'gauge', samples }],
  };
}

test.each([
  ['text', federateText],
  ['protobuf', federateProtobuf],
] as const)(
  'a selection that looks at much and finds nothing lets others have their turn: %s',
  async (_name, write) => {
    const clock = instantClock();
    let looks = 0;
    let most = 0;
    const look = (): boolean => {
      looks += 1;
      return false;
    };
    const turning = {
      ...clock,
      after(delayMs: number, run: () => void) {
        most = Math.max(most, looks);
        looks = 0;
        return clock.after(delayMs, run);
      },
    };
    const selector: Selector = [{ label: 'check', operator: '=~', value: 'x', matches: look }];
    const pieces = write(
      largeCut(),
      Array.from({ length: selectorsAsked }, () => selector),
      turning,
    );
    let bytes = 0;
    for await (const piece of pieces) bytes += piece.length;
    expect(bytes).toBe(0);
    expect(clock.waitsMs.length).toBeGreaterThan(50);
    expect(Math.max(most, looks)).toBeLessThanOrEqual(mostLooks);
  },
);
