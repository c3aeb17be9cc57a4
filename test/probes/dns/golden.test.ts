import { expect, test } from 'vitest';
import { attempt } from '../../../probes/attempt.ts';
import { answerTo } from '../../fakes/dns-server.ts';
import { goldenMetrics } from '../../fakes/golden-metrics.ts';
import { dnsCheck, passingClock, probing } from '../../fakes/probing.ts';
import { a, authority, serve } from './asking.ts';

test('what /metrics says of a dns check is what it was', async () => {
  const codes = [0x0180, 0x0183];
  const server = await serve('tls', (query) => answerTo(query, [a('127.1.0.1')], { flags: codes.shift() ?? 0 }));
  const check = dnsCheck(server.at, { id: 'geo@tls', name: 'geo', transport: 'tls', nsid: true });
  const context = probing(passingClock(), { ca: authority.caPem });
  const good = await attempt(check, context, undefined);
  const bad = await attempt(check, context, undefined);
  expect([good.outcome, bad.outcome, bad.reason]).toEqual(['good', 'bad', 'rcode: got NXDOMAIN, want NOERROR']);
  await expect(await goldenMetrics(check, { good, bad })).toMatchFileSnapshot('../../golden/checks/dns.prom');
});
