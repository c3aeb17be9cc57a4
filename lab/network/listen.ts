import type { Server } from 'node:net';
import { formatHostPort, type HostPort } from '../../contract/address.ts';
import { codeOf, messageOf } from '../../contract/failure.ts';
import { Mistakes } from '../../contract/mistake.ts';

const wanted: Readonly<Record<string, string>> = {
  EADDRINUSE: 'a port that no other program holds',
  EADDRNOTAVAIL: 'an address of this machine (on macOS, loopback aliases have to be added first)',
  EACCES: 'a port that this user may open',
};

/** Listens at `at`. What keeps it from doing so is a `Mistakes` with one clear sentence that names `what`. */
export function listenAt(server: Server, at: HostPort, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(listenFailure(error, at, what));
    server.once('error', failed);
    server.listen({ host: at.host, port: at.port }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

/** A system error of listening as a mistake of whoever chose the address; any other error as it is. */
export function listenFailure(error: Error, at: HostPort, what: string): Error {
  const want = wanted[codeOf(error) ?? ''];
  if (want === undefined) return error;
  return new Mistakes([{ place: what, got: `${formatHostPort(at)} (${messageOf(error)})`, want }]);
}
