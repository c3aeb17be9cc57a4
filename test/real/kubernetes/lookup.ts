/** One question to a recursor, with nothing of ours in between. */
import { createSocket } from 'node:dgram';
import { decode, encode } from 'dns-packet';
import type { HostPort } from '../../../contract/address.ts';

const limitMs = 900;

/** `null`: it did not answer, or has no address. */
export async function addressOf(host: string, at: HostPort): Promise<string | null> {
  const socket = createSocket('udp4');
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const late = AbortSignal.timeout(limitMs);
  late.addEventListener('abort', () => resolve(null));
  socket.on('error', () => resolve(null));
  socket.on('message', (bytes) => {
    const answer = decode(bytes).answers?.find(({ type }) => type === 'A');
    resolve(answer?.type === 'A' ? answer.data : null);
  });
  // RD: 1.
  socket.send(
    encode({ type: 'query', id: 1, flags: 0x0100, questions: [{ type: 'A', name: host }] }),
    at.port,
    at.host,
  );
  try {
    return await promise;
  } finally {
    socket.close();
  }
}
