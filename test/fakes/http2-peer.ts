/** Whoever is asked in HTTP/2 without TLS, frame by frame: what it says, and what it heard of us. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { DeadlineExceeded } from '../../contract/deadline.ts';
import { ending } from '../../probes/ending.ts';
import type { AnswerHead, Exchanged, Message } from '../../probes/http/journey/answer.ts';
import { askOverHttp2 } from '../../probes/http/journey/http2.ts';
import { type Sink, sink } from '../../probes/http/journey/sink.ts';
import { type Frame, frameReader } from '../../probes/http2/frames.ts';
import { phaseWatch } from '../../probes/watch.ts';
import { frame, frameTypes } from './http2-frames.ts';
import { passingClock } from './probing.ts';
import { tcpTarget } from './tcp-target.ts';

export type Peer = {
  say(...bytes: readonly Buffer[]): void;
  /** Ends the attempt, as when its time is up. */
  timeUp(): void;
  readonly socket: Socket;
  /** All that came behind the preface, so far. */
  readonly heard: readonly Frame[];
};

/** Told of every frame; and, with the first, that somebody asks. */
export type Serve = (frame: Frame, peer: Peer) => void;

export type Asked = Exchanged & {
  readonly came: Sink | undefined;
  readonly heard: readonly Frame[];
  readonly connections: number;
};

const prefaceBytes = 24;
const plain: Message = { method: 'GET', headers: [], body: null, host: 'a.test', scheme: 'https', path: '/' };

/** Resolves when nothing is left open on either side. */
export async function askedOf(serve: Serve, more: Partial<Message> = {}): Promise<Asked> {
  const over = ending();
  const heard: Frame[] = [];
  const target = await tcpTarget((socket) => {
    const frames = frameReader();
    let skip = prefaceBytes;
    const peer: Peer = {
      say: (...bytes) => void (socket.destroyed || socket.write(Buffer.concat(bytes))),
      timeUp: () => over.end(new DeadlineExceeded(3_000)),
      socket,
      heard,
    };
    socket.on('data', (bytes) => {
      const past = bytes.subarray(Math.min(skip, bytes.length));
      skip -= bytes.length - past.length;
      for (const frame of frames(past)) {
        if (frame === undefined) throw new Error('the client wrote a frame that is too long');
        heard.push(frame);
        serve(frame, peer);
      }
    });
  });
  let came: Sink | undefined;
  const take = (head: AnswerHead): Sink => {
    came = sink(1_000_000, Number.POSITIVE_INFINITY);
    if (head.version !== '2') throw new Error(`got HTTP/${head.version}`);
    return came;
  };
  const socket = connect(target.at.port, target.at.host);
  const exchanged = await askOverHttp2(socket, { ...plain, ...more }, take, phaseWatch(passingClock()), over);
  await target.quiet();
  const connections = target.connections();
  await target.close();
  return { ...exchanged, came, heard, connections };
}

/** Says all when the request's headers have come; the time is up when it has been read and nothing came of it. */
export function says(...bytes: readonly Buffer[]): Serve {
  return (heard, peer) => {
    if (heard.type === frameTypes.headers)
      peer.say(...bytes, frame({ type: frameTypes.ping, payload: Buffer.alloc(8, 9) }));
    if (heard.type === frameTypes.ping) peer.timeUp();
  };
}
