import { describe, expect, test } from 'vitest';
import { reportOf } from '../../../chaos/judge.ts';
import { startAnnouncer } from '../../../chaos/runner/announcer.ts';
import { keepBursts } from '../../../chaos/runner/bursts.ts';
import { exactly } from '../../../contract/bounds.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { facts } from '../../fakes/drill-facts.ts';
import { drillWorld } from '../../fakes/drill-world.ts';

/** Calls that arrive when they are let through, the latest first if need be. */
function slowRoad() {
  const waiting: (() => void)[] = [];
  return {
    arrive: () => waiting.shift()?.(),
    travel: () => new Promise<void>((resolve) => waiting.push(resolve)),
    get waiting() {
      return waiting.length;
    },
  };
}

describe('what is said last arrives last', () => {
  test('that a drill is over, behind an announcement that is still under way', async () => {
    const { fleet } = await drillWorld();
    const clock = fakeClock();
    const road = slowRoad();
    const statuses: string[] = [];
    const deps = {
      clock,
      progress: () => undefined,
      fleet: {
        ...fleet,
        async announce({ status }: { readonly status: string }) {
          await road.travel();
          statuses.push(status);
        },
      },
    };
    const running = facts([], { phase: 'failing-over' });
    const announcer = startAnnouncer({ facts: () => running }, deps);
    await clock.advance(1_000);
    expect(road.waiting).toBe(1);
    announcer.stop();
    const last = announcer.announce({ report: reportOf({ ...running, phase: 'over' }), html: null });
    await clock.advance(1);
    expect(road.waiting).toBe(1);
    road.arrive();
    await clock.advance(1);
    road.arrive();
    await last;
    expect(statuses).toEqual(['running', 'over']);
  });

  test('that a burst ends, behind a renewal that is still under way', async () => {
    const { fleet, options } = await drillWorld();
    const clock = fakeClock();
    const road = slowRoad();
    const untils: number[] = [];
    let isSlow = false;
    const slow = {
      ...fleet,
      async burst({ untilMs }: { readonly untilMs: number }) {
        if (isSlow) await road.travel();
        untils.push(untilMs - clock.nowMs());
      },
    };
    const wish = {
      id: 'd1',
      scenario: options.scenario,
      entries: ['api'],
      regions: ['us-east-1'],
      vantages: [],
      nameservers: [],
      everyMs: 100,
      offset: exactly(0),
    };
    const bursts = await keepBursts(wish, { clock, fleet: slow }, new AbortController().signal);
    isSlow = true;
    await clock.advance(15_000);
    expect(road.waiting).toBe(1);
    isSlow = false;
    const ended = bursts.end();
    await clock.advance(1);
    road.arrive();
    await ended;
    expect(untils.at(-1)).toBeLessThan(0);
  });
});
