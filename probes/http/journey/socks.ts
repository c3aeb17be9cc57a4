/** SOCKS 5 (RFC 1928, with user and password as RFC 1929): asking a proxy for a connection that is ours alone. */

import { isIP, type Socket } from 'node:net';
import type { Ending } from '../../ending.ts';
import { describeError, type Failure, failureOfAbort } from '../../prober.ts';

export type SocksTerms = {
  /** A literal, or a name for the proxy to look up. */
  readonly address: string;
  readonly port: number;
  /** `null`: none. */
  readonly user: { readonly name: string; readonly password: string } | null;
};

type Stage = 'method' | 'user' | 'reply';

const refusals: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'TTL expired',
  7: 'command not known',
  8: 'kind of address not known',
};
/** Of a literal each, with what is around it in a reply. */
const replyBytes: Readonly<Record<number, number>> = { 1: 10, 4: 22 };

/** `null` when the socket leads to `address` from now on. */
export function socksTunnel(socket: Socket, terms: SocksTerms, signal: Ending): Promise<Failure | null> {
  return new Promise((resolve) => {
    let stage: Stage = 'method';
    let held: Buffer = Buffer.alloc(0);

    function settle(failure: Failure | null): void {
      signal.removeEventListener('abort', stop);
      socket.off('data', take).off('end', end).off('close', end).off('error', fail);
      resolve(failure);
    }
    function refuse(reason: string): void {
      settle({ failedAt: 'connect', reason: `SOCKS: ${reason}` });
    }
    function stop(): void {
      settle(failureOfAbort(signal, 'connect'));
    }
    function end(): void {
      refuse('got the close before its answer');
    }
    function fail(error: Error): void {
      refuse(describeError(error));
    }
    function go(next: Stage, bytes: Buffer): void {
      stage = next;
      held = Buffer.alloc(0);
      socket.write(bytes);
    }
    function take(chunk: Buffer): void {
      held = Buffer.concat([held, chunk]);
      const step = stepOf(stage, held, terms);
      if (step === 'more') return;
      if ('mistake' in step) refuse(step.mistake);
      else if (step.next === 'done') settle(null);
      else go(step.next, step.bytes);
    }

    if (signal.aborted) return stop();
    if (socket.destroyed) return end();
    signal.addEventListener('abort', stop, { once: true });
    socket.on('data', take).on('end', end).on('close', end).on('error', fail);
    socket.write(Buffer.from(terms.user === null ? [5, 1, 0] : [5, 2, 0, 2]));
  });
}

type Step =
  | 'more'
  | { readonly mistake: string }
  | { readonly next: 'user' | 'reply'; readonly bytes: Buffer }
  | { readonly next: 'done' };

/** It speaks only when spoken to: what comes beyond an answer belongs to nothing. */
function stepOf(stage: Stage, held: Buffer, terms: SocksTerms): Step {
  const wanted = stage === 'reply' ? replyLength(held) : 2;
  const version = stage === 'user' ? 1 : 5;
  if (held[0] !== version) return { mistake: `got version ${held[0]}, want ${version}` };
  if (stage === 'reply' && held.length > 1 && held[1] !== 0) {
    return { mistake: `got ${refusals[held[1] ?? 0] ?? `refusal ${held[1]}`}, want a connection` };
  }
  if (wanted === undefined) return { mistake: 'got an address of no kind that is known' };
  if (held.length < wanted) return 'more';
  if (held.length > wanted) return { mistake: 'got bytes behind its answer, want none' };
  if (stage === 'reply') return { next: 'done' };
  if (stage === 'user') {
    return held[1] === 0 ? { next: 'reply', bytes: connectTo(terms) } : { mistake: 'user or password refused' };
  }
  if (held[1] === 0) return { next: 'reply', bytes: connectTo(terms) };
  if (held[1] !== 2 || terms.user === null) return { mistake: `got method ${held[1]}, which was not offered` };
  const [name, password] = [terms.user.name, terms.user.password].map((text) =>
    Buffer.from(text, 'utf8').subarray(0, 255),
  );
  return { next: 'user', bytes: Buffer.concat([Buffer.from([1]), prefixed(name), prefixed(password)]) };
}

/** `undefined` where it cannot be told. */
function replyLength(held: Buffer): number | undefined {
  const [, , , kind, nameBytes] = held;
  if (kind === undefined) return 4;
  if (kind === 3) return nameBytes === undefined ? 5 : 7 + nameBytes;
  return replyBytes[kind];
}

function connectTo({ address, port }: SocksTerms): Buffer {
  const end = Buffer.from([port >> 8, port & 255]);
  return Buffer.concat([Buffer.from([5, 1, 0]), addressBytes(address), end]);
}

function addressBytes(address: string): Buffer {
  switch (isIP(address)) {
    case 4:
      return Buffer.from([1, ...address.split('.').map(Number)]);
    case 6:
      return Buffer.concat([Buffer.from([4]), bytesOf6(address)]);
    default:
      return Buffer.concat([Buffer.from([3]), prefixed(Buffer.from(address, 'latin1').subarray(0, 255))]);
  }
}

/** The URL parser writes it out in hexadecimal groups, with at most one gap. */
function bytesOf6(address: string): Buffer {
  const [before = '', after = ''] = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [head, tail] = [groups(before), groups(after)];
  const all = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function prefixed(bytes: Buffer | undefined): Buffer {
  return Buffer.concat([Buffer.from([bytes?.length ?? 0]), bytes ?? Buffer.alloc(0)]);
}
