/** Metrics of what goes out to receivers and comes in from other servers: a part of the catalogue. */

export const exchangeMetrics = {
  writePendingSamples: entry(
    'blackstart_remote_write_pending_samples',
    'gauge',
    null,
    [],
    ['Samples on disk that the receiver has not acknowledged.'],
  ),
  writePendingBytes: entry(
    'blackstart_remote_write_pending_bytes',
    'gauge',
    'bytes',
    [],
    ['Compressed requests on disk that the receiver has not acknowledged.'],
  ),
  writeSent: entry(
    'blackstart_remote_write_sent_samples_total',
    'counter',
    null,
    [],
    ['Samples that the receiver acknowledged.'],
  ),
  writeRequests: entry(
    'blackstart_remote_write_requests_total',
    'counter',
    null,
    [],
    ['Requests made, tries again among them.'],
  ),
  writeRetries: entry(
    'blackstart_remote_write_retries_total',
    'counter',
    null,
    [],
    ['Requests that were not answered, or with 429 or 5xx, and are sent again.'],
  ),
  writeFailed: entry(
    'blackstart_remote_write_failed_samples_total',
    'counter',
    null,
    ['reason'],
    ['Samples that the receiver refused for good, by its answer. They are not sent again.'],
  ),
  writeDropped: entry(
    'blackstart_remote_write_dropped_samples_total',
    'counter',
    null,
    ['reason'],
    ['Samples that were never acknowledged because the queue reached its bound or its disk failed.'],
  ),
  writeHighest: entry(
    'blackstart_remote_write_highest_timestamp_seconds',
    'gauge',
    'seconds',
    [],
    ['Time of the newest samples that the receiver acknowledged.'],
  ),
  federateUp: read('blackstart_federate_up', null, '1 when the last reading of the server worked.'),
  federateSeconds: read('blackstart_federate_read_seconds', 'seconds', 'How long the last reading of the server took.'),
  federateSamples: read('blackstart_federate_samples', null, 'Samples of the server that are passed on.'),
  federateRead: read(
    'blackstart_federate_last_read_timestamp_seconds',
    'seconds',
    'When the server was read last, so that it worked.',
  ),
} as const;

function entry<const Type extends 'counter' | 'gauge', const Unit extends 'seconds' | 'bytes' | null>(
  name: string,
  type: Type,
  unit: Unit,
  more: readonly string[],
  help: readonly string[],
) {
  return { name, type, unit, labels: ['destination', ...more] as readonly string[], help: help.join(' ') };
}

function read<const Unit extends 'seconds' | null>(name: string, unit: Unit, help: string) {
  return { name, type: 'gauge' as const, unit, labels: ['source', 'region'] as readonly string[], help };
}
