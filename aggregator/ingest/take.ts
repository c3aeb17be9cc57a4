import { closeCodes, type Gap, type ResultsFrame } from '../../contract/wire.ts';
import { maxWaiting } from './committer.ts';
import type { Agent } from './roster.ts';
import { lastSeqOf } from './sequences.ts';
import { end, heard, later, type Session, type Timed } from './session-state.ts';

/** Numbers that one gap record may name: a year of 300 results a second. */
const maxGap = 10_000_000_000;
const lookAgainMs = 50;

/** Gives results or a gap to the committer, unless they are known, lie beyond a hole, or cannot be. */
export function takeFrame(session: Session, from: Agent, got: Timed<ResultsFrame | Gap>): void {
  const { frame, text, atMs } = got;
  const { host, link } = session;
  const toSeq = lastSeqOf(frame);
  if (toSeq - frame.fromSeq >= maxGap || !Number.isSafeInteger(toSeq)) {
    end(session, closeCodes.garbled, `${frame.type}: numbers out of reach`);
    return;
  }
  const { agent, vantage, boot, clock } = from;
  const intake = host.sequences.take({ agent, vantage, boot, clock, nowMs: atMs }, frame, text);
  switch (intake.fate) {
    case 'known':
      if (frame.type === 'results') host.counts.repeated(toSeq - frame.fromSeq + 1);
      link.send({ type: 'ack', boot: frame.boot, seq: host.sequences.committed(agent, frame.boot) });
      break;
    case 'taken':
      host.committer.push(intake.portions);
      holdBack(session);
      break;
    case 'held':
      break;
    case 'full':
      end(session, closeCodes.overloaded, `too much beyond a hole in boot ${frame.boot}: send again`);
      break;
  }
}

/** Stops reading from this agent until what waits for the disk is well below the bound again. */
function holdBack(session: Session): void {
  const { committer } = session.host;
  if (session.paused || committer.waiting <= maxWaiting) return;
  session.paused = true;
  session.link.pause();
  const look = (): void => {
    heard(session);
    if (committer.waiting > maxWaiting / 2) {
      later(session, lookAgainMs, look);
      return;
    }
    session.paused = false;
    session.link.resume();
  };
  later(session, lookAgainMs, look);
}
