/** Who a server is, without an object of OpenSSL's for each handshake. */
import { X509Certificate } from 'node:crypto';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../contract/clock.ts';
import { dialer } from '../../../probes/dialer.ts';
import { peerDer } from '../../../probes/tls/peer.ts';
import { phaseWatch } from '../../../probes/watch.ts';
import { type Authority, newAuthority } from '../../fakes/pki.ts';
import { tlsTarget } from '../../fakes/tls-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const end of ends.splice(0).reverse()) await end();
});

const clock = systemClock();

/** A handshake, as `name`, with a server that shows what `options` say: the socket, or the reason. */
async function handshake(authority: Authority, name: string, options: TlsOptions): Promise<TLSSocket | string> {
  const { at, close } = await tlsTarget(options);
  ends.push(close);
  const target = { address: at.host, port: at.port, tlsName: name, tls: {} };
  const agent = dialer({ ca: authority.caPem, sourceAddress: null });
  const dialed = await agent.dial(target, phaseWatch(clock), new AbortController().signal);
  if (!dialed.ok) return dialed.failure.reason;
  ends.push(() => dialed.socket.destroy());
  return dialed.socket as TLSSocket;
}

function issued(authority: Authority, name: string): Promise<{ readonly cert: string; readonly key: string }> {
  return authority.issue({ commonName: name, dns: [name], usage: 'server' });
}

describe("a server's certificate", () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is read out of a session of %s as it was sent', async (version) => {
    const authority = await newAuthority('Root', clock.wallMs());
    const between = await authority.subordinate('Between');
    const { cert, key } = await issued(between, 'one.test');
    const shown = { cert: cert + between.caPem, key, minVersion: version, maxVersion: version };
    const socket = await handshake(authority, 'one.test', shown);
    if (typeof socket === 'string') throw new Error(socket);
    expect(peerDer(socket)).toEqual(new X509Certificate(cert).raw);
  });

  test('is read of a server that was asked for by its address', async () => {
    const authority = await newAuthority('Root', clock.wallMs());
    const { cert, key } = await authority.issue({ commonName: 'six', addresses: ['127.0.0.1'], usage: 'server' });
    const socket = await handshake(authority, '127.0.0.1', { cert, key });
    if (typeof socket === 'string') throw new Error(socket);
    expect(peerDer(socket)).toEqual(new X509Certificate(cert).raw);
  });

  test('that was seen to be for a name is known the next time, and makes no object then', async () => {
    const authority = await newAuthority('Root', clock.wallMs());
    const shown = await issued(authority, 'two.test');
    const checkHost = vi.spyOn(X509Certificate.prototype, 'checkHost');
    expect(await handshake(authority, 'two.test', shown)).not.toBeTypeOf('string');
    expect(checkHost).toHaveBeenCalledTimes(1);
    expect(await handshake(authority, 'two.test', shown)).not.toBeTypeOf('string');
    expect(checkHost).toHaveBeenCalledTimes(1);
  });

  test('is refused under another name, and another one under this name, whatever was known before', async () => {
    const authority = await newAuthority('Root', clock.wallMs());
    const [three, four] = [await issued(authority, 'three.test'), await issued(authority, 'four.test')];
    expect(await handshake(authority, 'three.test', three)).not.toBeTypeOf('string');
    expect(await handshake(authority, 'four.test', three)).toMatch(/got DNS:three\.test, want four\.test/);
    expect(await handshake(authority, 'three.test', four)).toMatch(/got DNS:four\.test, want three\.test/);
    expect(await handshake(authority, 'three.test', three)).not.toBeTypeOf('string');
  });

  test('that nobody trusts any more is refused, though it is for the name', async () => {
    const [trusted, other] = [await newAuthority('Root', clock.wallMs()), await newAuthority('Other', clock.wallMs())];
    const shown = await issued(trusted, 'five.test');
    expect(await handshake(trusted, 'five.test', shown)).not.toBeTypeOf('string');
    expect(await handshake(other, 'five.test', shown)).toMatch(/unable to verify|unable to get/);
  });
});
