/** What is written to other servers, and what is read from them. */
import { BytesIEC, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { catalogue, type MetricEntry } from '../../../../contract/catalogue.ts';
import { meaning } from '../colours.ts';
import type { Row } from '../layout.ts';
import { lines, type Placed, type Query, states } from '../panels.ts';
import { highest, rate, select, total } from '../promql.ts';

const size = { width: 8, height: 7, min: 0 };
const reading = [
  { value: 0, word: 'cannot be read', colour: meaning.bad },
  { value: 1, word: 'read', colour: meaning.good },
] as const;

export function remoteWriteRow(): Row {
  const to = ['destination'];
  const now = (entry: MetricEntry): string => highest(to, select(entry));
  const refused = (entry: MetricEntry, word: string): Query => ({
    expr: highest([...to, 'reason'], select(entry)),
    legend: `${word} by {{destination}}: {{reason}}`,
  });
  const perSecond = (entry: MetricEntry, word: string): Query => ({
    expr: total(to, rate(select(entry))),
    legend: `${word} {{destination}}`,
  });
  const panels = [
    lines({
      title: 'How far behind receivers are',
      description: 'Age of the newest samples that each receiver acknowledged. It rises while one is away.',
      queries: [{ expr: `time() - (${now(catalogue.writeHighest)} > 0)`, legend: '{{destination}}' }],
      ...{ ...size, unit: Seconds },
    }),
    lines({
      title: 'Samples that wait',
      description: 'On disk, not acknowledged by the receiver yet.',
      queries: [{ expr: now(catalogue.writePendingSamples), legend: '{{destination}}' }],
      ...{ ...size, unit: Short },
    }),
    lines({
      title: 'Disk that they take',
      description: 'Compressed requests on disk that the receiver has not acknowledged.',
      queries: [{ expr: now(catalogue.writePendingBytes), legend: '{{destination}}' }],
      ...{ ...size, unit: BytesIEC },
    }),
    lines({
      title: 'Samples acknowledged',
      description: 'Per second, by receiver.',
      queries: [{ expr: total(to, rate(select(catalogue.writeSent))), legend: '{{destination}}' }],
      ...{ ...size, unit: 'cps' },
    }),
    lines({
      title: 'Requests and retries',
      description: 'Requests per second, tries again among them; and those that were not answered, or with 429 or 5xx.',
      queries: [perSecond(catalogue.writeRequests, 'requests to'), perSecond(catalogue.writeRetries, 'retries to')],
      ...{ ...size, unit: 'reqps' },
    }),
    lines({
      title: 'Samples lost to receivers',
      description:
        'Since the aggregator started: refused for good by the receiver, or dropped because the queue reached its bound or its disk failed.',
      queries: [refused(catalogue.writeFailed, 'refused'), refused(catalogue.writeDropped, 'dropped')],
      ...{ ...size, unit: Short },
    }),
  ];
  return { title: 'Aggregator: remote write', panels };
}

export function sourcesRow(): Row {
  return { title: 'Aggregator: metrics read from regions and other servers', panels: [...regions(), ...servers()] };
}

function regions(): readonly Placed[] {
  const now = (entry: MetricEntry): string => highest(['region'], select(entry));
  return [
    states({
      title: 'Regions’ own metrics',
      description: 'Whether the last reading worked.',
      queries: [{ expr: now(catalogue.sourceUp), legend: '{{region}}' }],
      states: reading,
      ...{ width: 12, height: 6, unit: Short },
    }),
    lines({
      title: 'Time to read regions',
      description: 'How long the last reading took.',
      queries: [{ expr: now(catalogue.sourceSeconds), legend: '{{region}}' }],
      ...{ width: 12, height: 6, unit: Seconds, min: 0 },
    }),
  ];
}

function servers(): readonly Placed[] {
  const by = ['source', 'region'];
  const now = (entry: MetricEntry): string => highest(by, select(entry));
  const legend = '{{source}} {{region}}';
  return [
    states({
      title: 'Servers federated from',
      description: 'Whether the last reading worked. A dead one delays nobody; its series end.',
      queries: [{ expr: now(catalogue.federateUp), legend }],
      states: reading,
      ...{ width: 12, height: 6, unit: Short },
    }),
    lines({
      title: 'Age of what was federated',
      description: 'Time since the server was read so that it worked.',
      queries: [{ expr: `time() - (${now(catalogue.federateRead)} > 0)`, legend }],
      ...{ width: 12, height: 6, unit: Seconds, min: 0 },
    }),
    lines({
      title: 'Time to read servers',
      description: 'How long the last reading took.',
      queries: [{ expr: now(catalogue.federateSeconds), legend }],
      ...{ width: 12, height: 6, unit: Seconds, min: 0 },
    }),
    lines({
      title: 'Samples passed on',
      description: 'Samples of each server that are in our own metrics.',
      queries: [{ expr: now(catalogue.federateSamples), legend }],
      ...{ width: 12, height: 6, unit: Short, min: 0 },
    }),
  ];
}
