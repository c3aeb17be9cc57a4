/** Decides which spooled frame goes next, and when enough of them are on their way unacknowledged. */
import { encode } from '../../contract/wire.ts';
import type { SpooledFrame } from '../spool/frames.ts';
import type { Spool } from '../spool.ts';

export type Pump = {
  /** The next frame to send; `undefined` when there is none or too much is on its way. Taken is sent. */
  take(): SpooledFrame | undefined;
  acknowledged(boot: string, seq: number): void;
  /** The last number of this boot that was sent. */
  readonly sentSeq: number;
  /** Whether everything of this boot has been acknowledged. */
  readonly drained: boolean;
};

export type PumpSpool = Pick<Spool, 'next' | 'olderBoots' | 'acknowledge' | 'lastSeq'>;

const maxUnacknowledgedBytes = 2 * 1_048_576;

/** For one connection. What earlier boots left behind goes first, but every other frame is a live one. */
export function pump(spool: PumpSpool, boot: string, ackedSeq: number): Pump {
  const older = [...spool.olderBoots()];
  let olderSeq = 0;
  let sentSeq = ackedSeq;
  let liveAckedSeq = ackedSeq;
  let liveNext = false;
  let onTheWay: SpooledFrame[] = [];
  let onTheWayBytes = 0;

  spool.acknowledge(boot, ackedSeq);

  /**
   * What was acknowledged has left the spool. An aggregator that does not know of it any more has lost its disk, and
   * would wait for these numbers for ever: they are named as gone. One that does know takes no notice.
   */
  function afterHole(of: string, afterSeq: number, toSeq: number, frame?: SpooledFrame): SpooledFrame | undefined {
    if (toSeq <= afterSeq) return frame;
    const text = encode({ type: 'gap', boot: of, fromSeq: afterSeq + 1, toSeq, reason: 'dropped' });
    return { boot: of, fromSeq: afterSeq + 1, toSeq, text };
  }

  function takeOlder(): SpooledFrame | undefined {
    for (let [first] = older; first !== undefined; [first] = older) {
      const spooled = spool.next(first, olderSeq);
      if (spooled !== undefined) {
        const frame = afterHole(first, olderSeq, spooled.fromSeq - 1, spooled) ?? spooled;
        olderSeq = frame.toSeq;
        return frame;
      }
      older.shift();
      olderSeq = 0;
    }
    return undefined;
  }
  function takeLive(): SpooledFrame | undefined {
    if (sentSeq >= spool.lastSeq) return undefined;
    const spooled = spool.next(boot, sentSeq);
    const frame = afterHole(boot, sentSeq, (spooled?.fromSeq ?? spool.lastSeq + 1) - 1, spooled);
    if (frame !== undefined) sentSeq = frame.toSeq;
    return frame;
  }

  return {
    take() {
      if (onTheWayBytes >= maxUnacknowledgedBytes) return undefined;
      const frame = liveNext ? (takeLive() ?? takeOlder()) : (takeOlder() ?? takeLive());
      liveNext = !liveNext;
      if (frame !== undefined) {
        onTheWay.push(frame);
        onTheWayBytes += frame.text.length;
      }
      return frame;
    },
    acknowledged(of, seq) {
      spool.acknowledge(of, seq);
      if (of === boot) liveAckedSeq = Math.max(liveAckedSeq, seq);
      onTheWay = onTheWay.filter((frame) => frame.boot !== of || frame.toSeq > seq);
      onTheWayBytes = onTheWay.reduce((sum, frame) => sum + frame.text.length, 0);
    },
    get sentSeq() {
      return sentSeq;
    },
    get drained() {
      return liveAckedSeq >= spool.lastSeq;
    },
  };
}
