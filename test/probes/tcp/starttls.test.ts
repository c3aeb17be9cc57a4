import { createSecureContext, TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { converse } from '../../../probes/tcp/dialogue.ts';
import { contextWith, mailCertificate, phasesAddUp, talks, termsFor } from '../../fakes/dialogue.ts';
import { type TcpTarget, tcpTarget } from '../../fakes/tcp-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe('STARTTLS', () => {
  /** Says `before`, shakes hands when told STARTTLS, and answers every line after that. */
  async function upgrading(before: string, extra = ''): Promise<{ server: TcpTarget; ca: string }> {
    const { authority, cert, key } = await mailCertificate();
    const secureContext = createSecureContext({ cert, key });
    const server = await tcpTarget((socket) => {
      socket.write(before);
      socket.once('data', () => {
        socket.removeAllListeners('data');
        socket.write(`220 go\r\n${extra}`, () => {
          const secure = new TLSSocket(socket, { isServer: true, secureContext });
          secure.on('error', () => undefined);
          talks(secure, undefined, (line) => `250 you said ${line}\r\n`);
        });
      });
    });
    ends.push(server.close);
    return { server, ca: authority.caPem };
  }
  const steps = [
    { expect: '^220 ', send: 'STARTTLS' },
    { expect: '^220 go', startTls: true },
    { send: 'EHLO again' },
    { expect: '^250 you said (.*)', labels: [{ name: 'said', value: '$1' }] },
  ];

  test('goes on in TLS, and is timed as such', async () => {
    const { server, ca } = await upgrading('220 mail.test\r\n');
    const seen = await converse(
      termsFor(server.at, { steps, tlsName: 'mail.test', tlsSettings: { ca } }),
      contextWith(),
    );
    expect(seen.failure).toBeNull();
    expect(seen).toMatchObject({
      ok: true,
      expectInfo: [{ said: 'EHLO again' }],
      tls: { peers: [{ subject: 'CN=mail.test' }] },
    });
    expect(Object.keys(seen.phases)).toEqual(['connect', 'tls', 'firstByte', 'transfer']);
    phasesAddUp(seen);
    await server.quiet();
  });

  test('takes nothing over that was said before it in the clear', async () => {
    const { server, ca } = await upgrading('220 mail.test\r\n', '250 you said injected\r\n');
    const seen = await converse(
      termsFor(server.at, { steps, tlsName: 'mail.test', tlsSettings: { ca } }),
      contextWith(),
    );
    // Whether it comes in one piece with the answer before it is up to the kernel: then it is dropped, else it is no TLS.
    if (seen.ok) expect(seen.expectInfo).toEqual([{ said: 'EHLO again' }]);
    else expect(seen.failure?.failedAt).toBe('tls');
  });

  test('with a certificate that nobody vouches for fails at tls', async () => {
    const { server } = await upgrading('220 mail.test\r\n');
    const seen = await converse(termsFor(server.at, { steps, tlsName: 'mail.test' }), contextWith());
    expect(seen).toMatchObject({ ok: false, tls: null, failure: { failedAt: 'tls' } });
    phasesAddUp(seen);
    await server.quiet();
  });
});
