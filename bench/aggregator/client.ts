/** As many series as ours in the Prometheus client for Node, in a process of its own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Histogram, Registry } from '@prometheus-io/client';
import { durationBounds } from '../../aggregator/metrics/layout.ts';
import { answerOrders } from './orders.ts';

const [labelSets = '0'] = process.argv.slice(2);
/** Beside the lines of its histogram: what the label set of a probe has. */
const counters = 5;
const registry = new Registry();
const labelNames = ['target', 'check', 'region', 'served_by', 'vantage'] as const;
const histogram = new Histogram({
  name: 'blackstart_probe_duration_seconds',
  help: 'Duration.',
  labelNames,
  buckets: [...durationBounds],
  registers: [registry],
});
const counted = Array.from(
  { length: counters },
  (_, index) =>
    new Counter({ name: `blackstart_probe_${index}_total`, help: 'Results.', labelNames, registers: [registry] }),
);
for (let set = 0; set < Number(labelSets); set += 1) {
  const labels = {
    target: 'bench',
    check: `check-${Math.floor(set / 20)}`,
    region: 'us-east-1',
    served_by: 'us-east-1',
    vantage: `vantage-${set % 20}`,
  };
  histogram.observe(labels, 0.02 + set / 10_000);
  for (const one of counted) one.inc(labels, set);
}

const server = createServer((_request, response) => {
  void registry.metrics().then((text) => response.end(text));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  answerOrders(`http://127.0.0.1:${port}`, () => {
    server.closeAllConnections();
    server.close();
    return Promise.resolve();
  });
});
