/** A dialer after each of whose handshakes what has come due begins, and not after all of those that wait. */
import type { Dialed, Dialer } from './dialer.ts';
import type { Wheel } from './wheel.ts';

/**
 * So many at once are usual: at a thousand checks a second twenty come due together. Where more are under way we are
 * behind, and to begin more would only make all of them late.
 */
const mostUnderWay = 32;

export function punctual(dialer: Dialer, wheel: Pick<Wheel, 'look'>): Dialer {
  let underWay = 0;
  async function lookAfter(dialed: Promise<Dialed>): Promise<Dialed> {
    underWay += 1;
    try {
      return await dialed;
    } finally {
      if (underWay <= mostUnderWay) wheel.look();
      underWay -= 1;
    }
  }
  return {
    dial(target, watch, signal) {
      const dialed = dialer.dial(target, watch, signal);
      return target.tlsName === null ? dialed : lookAfter(dialed);
    },
    upgrade: (socket, target, watch, signal) => lookAfter(dialer.upgrade(socket, target, watch, signal)),
  };
}
