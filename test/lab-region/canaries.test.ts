/** Canaries through a region that goes dark and comes back, on real connections to the lab's doors: sound, and with plants. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exactly } from '../../contract/bounds.ts';
import type { CanaryReport } from '../../contract/canaries.ts';
import { systemClock } from '../../contract/clock.ts';
import type { CanaryPlan } from '../../scenarios/scenario.ts';
import type { Plant } from '../../scenarios/world.ts';
import { podsIn } from '../fakes/pods.ts';
import { choir } from './choir.ts';
import { type Site, site } from './site.ts';

const clock = systemClock();
let place: Site;
beforeEach(async () => {
  place = await site(95, clock);
});
afterEach(() => place.close());

/** Writes until there are enough of each, takes us-east-1 away, reads, brings it back, reads, and erases. */
async function sung(plants: readonly Plant[], writers: CanaryPlan['writers'] = 'each'): Promise<CanaryReport> {
  const { doors, more, read, end, erase } = await choir(place, clock, { plants, writers });
  await more('us-east-1');
  await more('eu-west-1');
  const t0 = exactly(clock.nowMs());
  doors['us-east-1'].pods.set(podsIn('terminating', 2));
  await more('us-east-1');
  await read(['eu-west-1']);
  const restoreCalled = exactly(clock.nowMs());
  doors['us-east-1'].pods.set(podsIn('ready', 2));
  await more('us-east-1');
  const drill = { region: 'us-east-1', t0, restoreCalled };
  await end(drill);
  return erase(drill);
}

test('what is replicated behind a lag is within the limit, whole at the end, and gone afterwards', async () => {
  const report = await sung([]);
  expect(report).toMatchObject({
    verdict: { status: 'pass' },
    atEnd: { missing: {}, unknown: {} },
    splitBrain: [],
    erased: { proven: true },
  });
  expect(report.stores.every(({ doubles, gaps }) => Object.keys({ ...doubles, ...gaps }).length === 0)).toBe(true);
});

test('a region that passes nothing on has lost all that it took, from the first on', async () => {
  const report = await sung([{ kind: 'replication', region: 'us-east-1', how: 'drop' }]);
  expect(report.verdict.status).not.toBe('pass');
  expect(report.atFailover?.missing['us-east-1']?.[0]?.[0]).toBe(1);
  expect(report.atFailover?.span.upperMs).toBeNull();
  expect(report.stores.find(({ region }) => region === 'eu-west-1')?.gaps['us-east-1']).toBeDefined();
  expect(report.erased).toMatchObject({ proven: true });
});

test('records that arrive twice are doubles, and fail', async () => {
  const report = await sung([{ kind: 'replication', region: 'eu-west-1', how: 'double' }]);
  expect(report.verdict.status).toBe('fail');
  expect(report.stores.find(({ region }) => region === 'us-east-1')?.doubles['eu-west-1']).toBeDefined();
  expect(report.erased).toMatchObject({ proven: true });
});

test('a second writer beside the only one is a split brain, and fails', async () => {
  const report = await sung([{ kind: 'replication', region: 'eu-west-1', how: 'second-writer' }], 'one');
  expect(report.verdict.status).toBe('fail');
  expect(report.splitBrain[0]?.regions).toEqual(['eu-west-1', 'us-east-1']);
  expect(report.verdict.because).toContain('split brain');
});
