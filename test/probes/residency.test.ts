import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { attempt } from '../../probes/attempt.ts';
import { passingClock, probing, residencyCheck } from '../fakes/probing.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe('a residency attempt', () => {
  async function answered(status: number, headers: Record<string, string>): Promise<string> {
    const server = createServer((_request, response) => response.writeHead(status, headers).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/records`;
  }
  const eu = { 'x-region': 'eu-west-1', 'x-stored-in': 'eu-west-1', 'x-request-id': 'r-7' };

  test('served and stored where it may be is good, and says where', async () => {
    const seen = await attempt(residencyCheck(await answered(201, eu)), probing(passingClock()), undefined);
    expect(seen).toMatchObject({ outcome: 'good', servedBy: 'eu-west-1' });
    expect(seen.details).toMatchObject({ status: 201, storedIn: 'eu-west-1', requestId: 'r-7', userCountry: 'DE' });
  });

  test.each([
    [
      'served elsewhere',
      201,
      { ...eu, 'x-region': 'us-east-1' },
      'residency: served by us-east-1, want one of eu-west-1',
    ],
    [
      'stored elsewhere',
      201,
      { ...eu, 'x-stored-in': 'us-east-1' },
      'residency: stored in us-east-1, want one of eu-west-1',
    ],
    [
      'stored nobody says where',
      201,
      { 'x-region': 'eu-west-1' },
      'residency: stored in nobody named, want one of eu-west-1',
    ],
    ['refused', 451, eu, 'status: got 451, want 2xx'],
  ])('%s is bad', async (_what, status, headers, reason) => {
    const seen = await attempt(residencyCheck(await answered(status, headers)), probing(passingClock()), undefined);
    expect(seen).toMatchObject({ outcome: 'bad', failedAt: 'answer', reason });
  });

  const refused = { expect: { answer: 'refused', status: 451 } } as const;
  test('refused as it should be is good', async () => {
    const url = await answered(451, { 'x-region': 'us-east-1', 'x-request-id': 'r-8' });
    const seen = await attempt(residencyCheck(url, refused), probing(passingClock()), undefined);
    expect(seen).toMatchObject({ outcome: 'good', details: { status: 451, requestId: 'r-8' } });
  });
  test.each([
    ['served elsewhere', {}, 201, { ...eu, 'x-region': 'us-east-1' }, true],
    ['served by nobody named', {}, 200, {}, true],
    ['refused where it should be served', {}, 451, eu, undefined],
    ['broken', {}, 503, eu, undefined],
    ['served where it should be refused', refused, 201, eu, true],
    ['refused, but stored all the same', refused, 451, eu, true],
    ['broken where it should be refused', refused, 503, eu, undefined],
  ])('%s is bad, and said to be a leak or none', async (_what, over, status, headers, leak) => {
    const seen = await attempt(
      residencyCheck(await answered(status, headers), over),
      probing(passingClock()),
      undefined,
    );
    expect(seen.outcome).toBe('bad');
    expect(seen.details.leak).toBe(leak);
  });
  test('what does not come about is no leak', async () => {
    const seen = await attempt(residencyCheck('http://127.0.0.1:1/'), probing(passingClock()), undefined);
    expect(seen).toMatchObject({ outcome: 'bad', failedAt: 'connect' });
    expect(seen.details.leak).toBeUndefined();
  });
  test('served where it should have been refused is bad, and says where it was stored', async () => {
    const seen = await attempt(residencyCheck(await answered(201, eu), refused), probing(passingClock()), undefined);
    expect(seen.reason).toBe('status: got 201, want 451; served by eu-west-1, stored in eu-west-1');
  });
});
