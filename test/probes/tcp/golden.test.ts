import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../contract/clock.ts';
import { attempt } from '../../../probes/attempt.ts';
import { goldenMetrics } from '../../fakes/golden-metrics.ts';
import { newAuthority } from '../../fakes/pki.ts';
import { passingClock, probing, tcpCheck, tlsCheck } from '../../fakes/probing.ts';
import { tcpTarget } from '../../fakes/tcp-target.ts';
import { tlsTarget } from '../../fakes/tls-target.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('what /metrics says of a tcp check is what it was', async () => {
  const greetings = ['220 ready\r\n', '421 busy\r\n'];
  const server = await tcpTarget((socket) => socket.write(greetings.shift() ?? ''));
  ends.push(server.close);
  const dialogue = [{ expect: '^220 ', refuse: '^4' }];
  const check = tcpCheck(server.at, { id: 'mail/us-east-1', name: 'mail', region: 'us-east-1', dialogue });
  const good = await attempt(check, probing(passingClock()), undefined);
  const bad = await attempt(check, probing(passingClock()), undefined);
  expect([good.outcome, bad.outcome, bad.failedAt]).toEqual(['good', 'bad', 'answer']);
  await expect(await goldenMetrics(check, { good, bad })).toMatchFileSnapshot('../../golden/checks/tcp.prom');
});

test('what /metrics says of a tls check is what it was', async () => {
  const root = await newAuthority('Root', systemClock().wallMs());
  const server = await tlsTarget(await root.issue({ commonName: 'a', addresses: ['127.0.0.1'], usage: 'server' }));
  ends.push(server.close);
  const check = tlsCheck(server.at, { id: 'certificate/us-east-1', name: 'certificate', region: 'us-east-1' });
  const good = await attempt(check, probing(passingClock(), { ca: root.caPem }), undefined);
  const bad = await attempt(check, probing(passingClock()), undefined);
  expect([good.outcome, bad.outcome, bad.failedAt]).toEqual(['good', 'bad', 'tls']);
  await expect(await goldenMetrics(check, { good, bad })).toMatchFileSnapshot('../../golden/checks/tls.prom');
});
