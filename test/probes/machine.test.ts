import { expect, test } from 'vitest';
import { watchMachine } from '../../probes/machine.ts';
import { clockEstimate } from '../../probes/uplink/clock-estimate.ts';
import { wheelOn } from '../../probes/wheel.ts';
import { fakeClock } from '../fakes/clock.ts';

function watching() {
  const clock = fakeClock();
  const away = { ms: 0 };
  const used = { ms: 0 };
  const late = { ...clock, nowMs: () => clock.nowMs() + away.ms, wallMs: () => clock.wallMs() + away.ms };
  const machine = watchMachine(late, wheelOn(late), () => used.ms);
  return { clock, away, used, machine };
}

test('a stall shows for ten seconds and more, and is gone after twenty', async () => {
  const { clock, away, machine } = watching();
  await clock.advance(1_000);
  away.ms += 300;
  await clock.advance(5_000);
  expect(machine.state.loopDelayMs).toBeGreaterThan(270);
  await clock.advance(21_000);
  expect(machine.state.loopDelayMs).toBe(0);
  machine.stop();
});

test('a stall in which the process worked is its own, one in which it did not is the machine’s', async () => {
  const { clock, away, used, machine } = watching();
  await clock.advance(1_000);
  away.ms += 300;
  used.ms += 300;
  await clock.advance(100);
  expect(machine.state.unscheduledMs).toBe(0);
  away.ms += 300;
  await clock.advance(100);
  expect(machine.state.unscheduledMs).toBeGreaterThan(270);
  machine.stop();
});

test('the share of a processor is of the last seconds', async () => {
  const { clock, used, machine } = watching();
  used.ms += 5_000;
  await clock.advance(30_000);
  used.ms += 3_000;
  await clock.advance(6_000);
  expect(machine.state.processorRatio).toBeGreaterThan(0.15);
  expect(machine.state.processorRatio).toBeLessThan(0.35);
  machine.stop();
});

test('a step of the wall clock shows as drift', async () => {
  const { clock, machine } = watching();
  clock.stepWall(-1_500);
  await clock.advance(100);
  expect(machine.state.wallDriftMs).toBe(-1_500);
  machine.stop();
});

test('the offset to the aggregator comes with what is known of it, and when', async () => {
  const clock = fakeClock();
  const estimate = clockEstimate(clock);
  expect(estimate.offset).toBeUndefined();
  const t1 = clock.nowMs();
  await clock.advance(40);
  estimate.add({ t1, t2: t1 + 1_010, t3: t1 + 1_020, t4: clock.nowMs() });
  await clock.advance(5_000);
  expect(estimate.offset).toEqual({ offsetMs: 995, errorMs: 15, atMs: t1 + 40 });
});
