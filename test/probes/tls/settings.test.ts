/** What OpenSSL is told of a check's TLS. */
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { HostPort } from '../../../contract/address.ts';
import { systemClock } from '../../../contract/clock.ts';
import { type Dialed, dialer } from '../../../probes/dialer.ts';
import { secureContexts, type TlsSettings, trustedBy } from '../../../probes/tls/settings.ts';
import { phaseWatch } from '../../../probes/watch.ts';
import { newAuthority } from '../../fakes/pki.ts';
import { tlsTarget } from '../../fakes/tls-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const clock = systemClock();

const agent = dialer({ ca: null, sourceAddress: null });
const { signal } = new AbortController();

async function dialed({ host, port }: HostPort, tls?: TlsSettings): Promise<Dialed> {
  const how = tls === undefined ? { tlsName: null } : { tlsName: 'one.test', tls };
  const seen = await agent.dial({ address: host, port, ...how }, phaseWatch(clock), signal);
  if (seen.ok) ends.push(() => seen.socket.destroy());
  return seen;
}

describe('a context', () => {
  test('of a check that verifies nothing trusts nobody, so that nothing is verified in vain', async () => {
    const { caPem } = await newAuthority('Root', clock.wallMs());
    const contextOf = secureContexts(caPem);
    expect(trustedBy(contextOf({ verify: false }))).toEqual([]);
    expect(trustedBy(contextOf({ ca: caPem, verify: false }))).toEqual([]);
    expect(trustedBy(contextOf({ ca: caPem }))).toEqual([caPem]);
    expect(trustedBy(contextOf({}))).toContain(caPem);
  });

  test('is made once for the same settings', () => {
    const contextOf = secureContexts(null);
    expect(contextOf({ verify: false })).toBe(contextOf({ verify: false, ca: 'of no use' }));
    expect(contextOf({})).not.toBe(contextOf({ verify: false }));
  });
});

test('settings that OpenSSL cannot read are nobody’s outage, before a connection or on one', async () => {
  const { at, close } = await tlsTarget({});
  ends.push(close);
  const tls = { cert: 'no PEM', key: 'sesame' };
  const refused = { ok: false, failure: { failedAt: 'agent', reason: expect.stringMatching(/^TLS settings: /) } };
  expect(await dialed(at, tls)).toEqual(refused);
  const plain = await dialed(at);
  if (!plain.ok) throw new Error(plain.failure.reason);
  const closed = once(plain.socket, 'close');
  const upgraded = agent.upgrade(plain.socket, { tlsName: 'one.test', tls }, phaseWatch(clock), signal);
  expect(await upgraded).toEqual(refused);
  await closed;
});
