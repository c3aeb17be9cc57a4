/** What an objective measures: `availability`, `residency`, or a mapping of one key. */
import { isObject } from '../../contract/json.ts';
import type { QuantileIndicator, RatioIndicator } from '../../contract/objective.ts';
import { sliceWidthMs } from '../../contract/slo/spans.ts';
import { type At, choice, type Read, shown } from './reader.ts';
import { durationMs } from './values.ts';

type Without<I, K extends PropertyKey> = I extends unknown ? Omit<I, K> : never;
/** An indicator whose target is still to be read. */
export type Asked = Without<RatioIndicator, 'target'> | Without<QuantileIndicator, 'targetMs'>;

const kinds: { readonly [key: string]: Read<Asked> } = {
  latency: (value, at) => quantile(value, at, 'latency'),
  'latency-under': (value, at) => limit(value, at.in('latency-under'), 'latency-under', 0),
  freshness: (value, at) => limit(value, at.in('freshness'), 'freshness', sliceWidthMs),
  'replication-lag': (value, at) => quantile(value, at, 'replication-lag'),
  'failover-within': (value, at) => limit(value, at.in('failover-within'), 'failover', 0),
};

export const indicator: Read<Asked> = (value, at) => {
  if (value === 'availability' || value === 'residency') return { kind: value };
  const keys = isObject(value) ? Object.keys(value) : [];
  const [key = ''] = keys;
  const read = Object.hasOwn(kinds, key) ? kinds[key] : undefined;
  if (isObject(value) && keys.length === 1 && read !== undefined) return read(value[key], at);
  const known = `availability, residency, { latency: p95 }, or a mapping of ${choice(Object.keys(kinds), key)}`;
  return at.note(shown(value), known);
};

function quantile(value: unknown, at: At, kind: 'latency' | 'replication-lag'): Asked | undefined {
  const percent = typeof value === 'string' ? /^p(\d{1,2}(\.\d+)?)$/.exec(value)?.[1] : undefined;
  const share = Number((Number(percent) / 100).toFixed(6)); // 99.9 / 100 is not 0.999 in binary
  return share > 0 && share < 1
    ? { kind, quantile: share }
    : at.note(shown({ [kind]: value }), `{ ${kind}: p95 }, with any percentile from p1 to p99.99`);
}

function limit(value: unknown, at: At, kind: 'latency-under' | 'freshness' | 'failover', leastMs: number) {
  const limitMs = durationMs(leastMs)(value, at);
  return limitMs === undefined ? undefined : ({ kind, limitMs } as const);
}
