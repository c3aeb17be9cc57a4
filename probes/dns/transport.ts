/** One question over one socket: UDP or TCP. Nothing is sent twice. */
import { createSocket } from 'node:dgram';
import { connect, isIP } from 'node:net';
import type { HostPort } from '../../contract/address.ts';
import type { Ending } from '../ending.ts';

/** Tells what to do with a message that came in: `undefined` is to go on waiting; an error is final. */
type Take<T> = (message: Buffer) => T | undefined | Error;

export type Exchange<T> = {
  readonly server: HostPort;
  readonly sourceAddress: string | null;
  readonly message: Buffer;
  readonly take: Take<T>;
};

/** Strangers' messages that one question puts up with before it gives up. */
const maxStrangers = 100;
/** Far above any set of addresses; a bound on what one answer can cost to decode. */
const maxTcpBytes = 16_384;

/**
 * Over a socket of its own, so from a port of its own, and connected, so that the kernel passes on only what comes
 * from the server asked, and tells when that refuses. Rejects with the signal's reason, or the socket's error.
 */
export function askUdp<T>(exchange: Exchange<T>, signal: Ending): Promise<T> {
  const { server, sourceAddress, message, take } = exchange;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = createSocket(isIP(server.host) === 6 ? 'udp6' : 'udp4');
    let strangers = 0;
    const settle = (run: () => void): void => {
      signal.removeEventListener('abort', stop);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      run();
    };
    function stop(): void {
      settle(() => reject(signal.reason));
    }
    signal.addEventListener('abort', stop, { once: true });
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('message', (bytes) => {
      const taken = take(bytes);
      strangers += 1;
      if (taken instanceof Error) settle(() => reject(taken));
      else if (taken !== undefined) settle(() => resolve(taken));
      else if (strangers > maxStrangers) settle(() => reject(new Error('got only answers to other questions')));
    });
    socket.once('connect', () => socket.send(message));
    socket.bind({ address: sourceAddress ?? undefined, port: 0, exclusive: true }, () =>
      socket.connect(server.port, server.host),
    );
  });
}

/** As `askUdp`, over a connection that is closed afterwards. */
export function askTcp<T>(exchange: Exchange<T>, signal: Ending): Promise<T> {
  const { server, sourceAddress, message, take } = exchange;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect({
      host: server.host,
      port: server.port,
      ...(sourceAddress === null ? {} : { localAddress: sourceAddress }),
    });
    let received: Buffer = Buffer.alloc(0);
    const settle = (run: () => void): void => {
      signal.removeEventListener('abort', stop);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      run();
    };
    function stop(): void {
      settle(() => reject(signal.reason));
    }
    signal.addEventListener('abort', stop, { once: true });
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('end', () => settle(() => reject(new Error('the server closed before it had answered'))));
    socket.once('connect', () => socket.write(Buffer.concat([lengthOf(message), message])));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const lengthBytes = received.length < 2 ? undefined : received.readUInt16BE(0);
      if (lengthBytes === undefined) return;
      if (lengthBytes > maxTcpBytes) {
        return settle(() => reject(new Error(`answer: got ${lengthBytes} bytes, want at most ${maxTcpBytes}`)));
      }
      if (received.length < lengthBytes + 2) return;
      const taken = take(received.subarray(2, lengthBytes + 2));
      if (taken === undefined) settle(() => reject(new Error('got the answer to another question')));
      else if (taken instanceof Error) settle(() => reject(taken));
      else settle(() => resolve(taken));
    });
  });
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return length;
}
