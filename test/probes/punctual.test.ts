import { expect, test } from 'vitest';
import type { Dialed, Dialer } from '../../probes/dialer.ts';
import { ending } from '../../probes/ending.ts';
import { punctual } from '../../probes/punctual.ts';
import { phaseWatch } from '../../probes/watch.ts';
import { fakeClock } from '../fakes/clock.ts';

function world(): { readonly dial: (tlsName: string | null) => () => Promise<void>; readonly looks: () => number } {
  let looks = 0;
  const answers: ((dialed: Dialed) => void)[] = [];
  const slow: Dialer = {
    dial: () => new Promise((resolve) => answers.push(resolve)),
    upgrade: () => new Promise((resolve) => answers.push(resolve)),
  };
  const dialer = punctual(slow, {
    look() {
      looks += 1;
    },
  });
  return {
    dial(tlsName) {
      const made = dialer.dial({ address: '127.0.0.1', port: 1, tlsName }, phaseWatch(fakeClock()), ending());
      const answer = answers.at(-1);
      return async () => {
        answer?.({ ok: false, failure: { failedAt: 'tls', reason: 'it is over' } });
        await made;
      };
    },
    looks: () => looks,
  };
}

test('after each handshake what has come due begins, after a bare connection nothing does', async () => {
  const { dial, looks } = world();
  await dial(null)();
  expect(looks()).toBe(0);
  await dial('a.test')();
  await dial('a.test')();
  expect(looks()).toBe(2);
});

test('while more are under way than are usual nothing begins early', async () => {
  const { dial, looks } = world();
  const ends = Array.from({ length: 40 }, () => dial('a.test'));
  for (const end of ends.slice(0, 8)) await end();
  expect(looks()).toBe(0);
  for (const end of ends.slice(8)) await end();
  expect(looks()).toBe(32);
});
