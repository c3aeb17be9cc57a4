/** What every prober promises, whatever its kind. A kind's test is one call of `conforms`. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Check } from '../../contract/check.ts';
import { DeadlineExceeded } from '../../contract/deadline.ts';
import { type FailedAt, type Observation, phaseNames } from '../../contract/result.ts';
import { type AttemptContext, attempt } from '../../probes/attempt.ts';
import { Stopping } from '../../probes/prober.ts';
import { passingClock, probing } from '../fakes/probing.ts';

/** A target that misbehaves in one way, and counts what is asked of it. */
export type Misbehaving = {
  readonly check: Check;
  /** Connections, or messages where there are none. */
  readonly asked: () => number;
  /** Resolves when the target has been asked. */
  readonly reached: () => Promise<unknown>;
  /** Resolves when the target sees nothing of ours left open. */
  readonly quiet: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export const misbehaviours = ['refusal', 'reset', 'silence', 'garbage'] as const;
export type Misbehaviour = (typeof misbehaviours)[number];

export type ProberSuite = {
  readonly kind: string;
  readonly target: (how: Misbehaviour) => Promise<Misbehaving>;
  /** Where each stops an attempt; `absent`: why no target of this kind can misbehave so. A target that never answers is there for all. */
  readonly failsAt: Readonly<Record<Misbehaviour, FailedAt | { readonly absent: string }>> & {
    readonly silence: FailedAt;
  };
};

export function conforms(suite: ProberSuite): void {
  const open: Misbehaving[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((target) => target.close()));
  });
  async function misbehaving(how: Misbehaviour): Promise<Misbehaving> {
    const target = await suite.target(how);
    open.push(target);
    return target;
  }

  describe(`a prober of kind ${suite.kind}`, () => {
    for (const how of misbehaviours) {
      const failedAt = suite.failsAt[how];
      if (typeof failedAt === 'object') continue;
      test(`${how} of the target is a value, after one attempt, and nothing is left open`, async () => {
        const clock = passingClock();
        const before = handles();
        const target = await misbehaving(how);
        const seen = attempt(target.check, probing(clock), undefined);
        if (how === 'silence') {
          await target.reached();
          await clock.advance(target.check.timeoutMs);
        }
        const observation = await seen;
        expect(observation).toMatchObject({ outcome: 'bad', failedAt });
        expect(observation.reason).not.toBe('');
        addsUp(observation);
        await target.quiet();
        // Nobody counts a refusal.
        expect(target.asked()).toBe(how === 'refusal' ? 0 : 1);
        expect(clock.pending).toBe(0);
        await target.close();
        open.splice(0);
        await until(() => handles() <= before);
      });
    }

    test('when its time is up the reason says how long that was', async () => {
      const clock = passingClock();
      const target = await misbehaving('silence');
      const seen = attempt(target.check, probing(clock), undefined);
      await target.reached();
      await clock.advance(target.check.timeoutMs);
      expect((await seen).reason).toContain(`${target.check.timeoutMs} ms`);
    });

    test('an agent that stops is not the failure of its target', async () => {
      const clock = passingClock();
      const target = await misbehaving('silence');
      const stopping = new AbortController();
      const seen = attempt(target.check, probing(clock), stopping.signal);
      await target.reached();
      stopping.abort(new Stopping());
      const observation = await seen;
      expect(observation).toMatchObject({ outcome: 'missing', failedAt: 'agent' });
      addsUp(observation);
      await target.quiet();
    });

    test('a target that the agent is not allowed to ask is not asked, and is none the worse for it', async () => {
      const target = await misbehaving('silence');
      const context: AttemptContext = probing(passingClock(), { allowTargets: ['192.0.2.1'] });
      const observation = await attempt(target.check, context, undefined);
      expect(observation).toMatchObject({ outcome: 'missing', failedAt: 'agent' });
      expect(observation.reason).toContain('--allow-target');
      addsUp(observation);
      expect(target.asked()).toBe(0);
    });

    for (const [why, reason, outcome] of [
      ['stopping', new Stopping(), 'missing'],
      ['out of time', new DeadlineExceeded(1), 'bad'],
    ] as const) {
      test(`a signal that is already aborted (${why}) asks nothing of the target`, async () => {
        const target = await misbehaving('silence');
        const context: AttemptContext = probing(passingClock());
        const observation = await attempt(target.check, context, AbortSignal.abort(reason));
        expect(observation.outcome).toBe(outcome);
        expect(target.asked()).toBe(0);
      });
    }
  });
}

/** The phases are those of a prefix of the attempt's way, and nothing lies between them. */
export function addsUp(observation: Observation): void {
  const lengths = Object.values(observation.phases);
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(observation.durationMs);
  const names = Object.keys(observation.phases);
  expect(names).toEqual(phaseNames.filter((name) => names.includes(name)));
}

/** UDP sockets of this process; those over TCP are counted by who they are connected to. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
}

/** Turns the event loop until it holds; the test's own limit ends it otherwise. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
