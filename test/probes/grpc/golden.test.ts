import { expect, test } from 'vitest';
import { attempt } from '../../../probes/attempt.ts';
import { atEnd } from '../../aggregator/harness.ts';
import { goldenMetrics } from '../../fakes/golden-metrics.ts';
import { answers, healthMessage, healthServer } from '../../fakes/health-server.ts';
import { grpcCheck, icmpCheck, passingClock, probing } from '../../fakes/probing.ts';

test('what /metrics says of a grpc check is what it was', async () => {
  let status = 1;
  const server = await healthServer((stream, request) =>
    answers(healthMessage(status), undefined, { 'x-region': 'us-east-1' })(stream, request),
  );
  atEnd(() => server.close());
  const check = grpcCheck(server.at, { id: 'cart/us-east-1', name: 'cart', region: 'us-east-1' });
  const good = await attempt(check, probing(passingClock()), undefined);
  status = 2;
  const bad = await attempt(check, probing(passingClock()), undefined);
  await expect(await goldenMetrics(check, { good, bad })).toMatchFileSnapshot('../../golden/checks/grpc.prom');
});

test('what /metrics says of an icmp check is what it was', async () => {
  const check = icmpCheck('127.0.0.1', { id: 'reach/us-east-1', name: 'reach', region: 'us-east-1' });
  const good = await attempt(check, probing(passingClock()), undefined);
  // A name that nobody can resolve: nothing listens where the resolver should be.
  const bad = await attempt({ ...check, host: 'nobody.test' }, probing(passingClock()), undefined);
  await expect(await goldenMetrics(check, { good, bad })).toMatchFileSnapshot('../../golden/checks/icmp.prom');
});
