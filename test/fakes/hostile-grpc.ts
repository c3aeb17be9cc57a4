/** A gRPC server that says what it likes, and what has to hold of whoever asks it. */
import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { DeadlineExceeded } from '../../contract/deadline.ts';
import { ending } from '../../probes/ending.ts';
import { askHealth, type HealthAnswer } from '../../probes/grpc/health.ts';
import { addsUp } from '../conformance/probers.ts';
import { frame, frameTypes, goodAnswer, settings } from './http2-frames.ts';
import { passingClock, probing } from './probing.ts';
import { type TcpTarget, tcpTarget } from './tcp-target.ts';

const open: TcpTarget[] = [];
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((target) => target.close()));
}

export type Ended = { readonly answer: HealthAnswer; readonly target: TcpTarget };

/** `serve` begins when the request has come; its time is up when `serve` says so, or when all it wrote is out. */
export async function against(serve: (socket: Socket, timeUp: () => void) => void): Promise<Ended> {
  const over = ending();
  const timeUp = (): void => over.end(new DeadlineExceeded(3_000));
  const target = await tcpTarget((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => serve(socket, timeUp));
  });
  open.push(target);
  const question = { ...target.at, family: 'ip4', resolveWith: 'resolver', service: 'cart', metadata: {} } as const;
  const context = { ...probing(passingClock()), ending: over };
  const answer = await askHealth({ ...question, tls: false, tlsSettings: {} }, context);
  await target.quiet();
  return { answer, target };
}

/** The answer to this comes when all before it has been read. */
const question = Buffer.from('all read');
export const asking = frame({ type: frameTypes.ping, payload: question });

export function whenRead(socket: Socket, then: () => void): void {
  let heard = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    heard = Buffer.concat([heard, bytes]).subarray(-1_000);
    if (heard.includes(question)) then();
  });
  socket.on('close', then);
}

/** Writes; where the connection is to stay, the attempt's time is up when all of it has been read. */
export function says(bytes: Buffer, how: 'stay' | 'end' | 'reset' = 'stay'): Parameters<typeof against>[0] {
  return (socket, timeUp) => {
    if (how === 'end') socket.end(bytes);
    else if (how === 'reset') socket.write(bytes, () => socket.resetAndDestroy());
    else {
      socket.write(Buffer.concat([bytes, asking]));
      whenRead(socket, timeUp);
    }
  };
}

export function isSound({ answer, target }: Ended): void {
  const { failure, phases, durationMs } = answer;
  expect(answer.ok).toBe(failure === null);
  if (failure !== null) {
    expect(failure.failedAt).toBe('answer');
    expect(failure.reason).not.toBe('');
    expect(failure.reason.length).toBeLessThan(400);
  }
  addsUp({ phases, durationMs } as Parameters<typeof addsUp>[0]);
  expect(target.connections()).toBe(1);
}

export const good = Buffer.concat([settings, ...goodAnswer()]);

/** Writes `piece` for as long as it is read; at a bound that no defence should need, the attempt's time is up. */
export function floods(piece: Buffer, before: Buffer): Parameters<typeof against>[0] {
  const batch = Buffer.concat(Array.from({ length: Math.ceil(16_384 / piece.length) }, () => piece));
  return (socket, timeUp) => {
    let written = 0;
    const more = (): void => {
      if (socket.destroyed) return;
      written += batch.length;
      if (written < mostBytes) socket.write(batch, more);
      else socket.write(asking);
    };
    whenRead(socket, timeUp);
    socket.write(before, more);
  };
}
const mostBytes = 32_000_000;
export const mostHeldBytes = 16_000_000;

/** Memory outside of JavaScript's own: where buffers and nghttp2 keep theirs. */
export function heldBytes(): number {
  const { external, arrayBuffers } = process.memoryUsage();
  return external + arrayBuffers;
}
