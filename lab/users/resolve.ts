import { createSocket } from 'node:dgram';
import { type Answer, decode, encode, type StringAnswer } from 'dns-packet';
import type { HostPort } from '../../contract/address.ts';
import type { Random } from '../../contract/random.ts';

/** Where a name leads, and for how long that may be remembered. */
export type Resolution = { readonly addresses: readonly string[]; readonly ttlMs: number };

export type NameQuestion = {
  readonly hostname: string;
  readonly resolver: HostPort;
  readonly sourceAddress: string;
};

/** Asks a resolver once for A records, over UDP as a user's machine would. Rejects when it has none, or on abort. */
export function askResolver(question: NameQuestion, random: Random, signal: AbortSignal): Promise<Resolution> {
  const { hostname, resolver, sourceAddress } = question;
  const id = Math.floor(random() * 0x1_0000);
  const query = encode({ type: 'query', id, flags: recursionDesired, questions: [{ type: 'A', name: hostname }] });
  const socket = createSocket('udp4');
  return new Promise<Resolution>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', reject);
    socket.on('message', (message) => {
      const read = resolutionOf(message, id, hostname);
      if (read instanceof Error) reject(read);
      else if (read !== undefined) resolve(read);
    });
    socket.bind(0, sourceAddress, () => socket.send(query, resolver.port, resolver.host));
  }).finally(() => socket.close());
}

const recursionDesired = 0x100;

/** `undefined` for a message that is no answer to this question. */
function resolutionOf(message: Buffer, id: number, hostname: string): Resolution | Error | undefined {
  try {
    const packet = decode(message);
    if (packet.id !== id || packet.type !== 'response') return undefined;
    const answers = (packet.answers ?? []).filter(isAddress);
    if (answers.length === 0) return new Error(`no A record for ${hostname}`);
    const ttlSeconds = Math.min(...answers.map(({ ttl }) => ttl ?? 0));
    return { addresses: answers.map(({ data }) => data), ttlMs: ttlSeconds * 1_000 };
  } catch (error) {
    return new Error(`cannot read the resolver's answer for ${hostname}`, { cause: error });
  }
}

function isAddress(answer: Answer): answer is StringAnswer {
  return answer.type === 'A';
}
