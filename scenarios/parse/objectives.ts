import { isObject } from '../../contract/json.ts';
import type { Indicator, Objective } from '../../contract/objective.ts';
import type { Names } from './names.ts';
import { list, object, optional, type Read, required, shown } from './reader.ts';
import { durationMs, name, oneOf, ratio } from './values.ts';

/** `availability`, or the quantile of `{ latency: p95 }`. */
const indicator: Read<'availability' | number> = (value, at) => {
  if (value === 'availability') return value;
  const latency = isObject(value) && Object.keys(value).length === 1 ? value['latency'] : undefined;
  const percent = typeof latency === 'string' ? /^p(\d{1,2}(\.\d+)?)$/.exec(latency)?.[1] : undefined;
  return percent === undefined || Number(percent) === 0
    ? at.note(shown(value), 'availability or { latency: p95 }, with any percentile from p1 to p99.99')
    : Number((Number(percent) / 100).toFixed(6)); // 99.9 / 100 is not 0.999 in binary
};

/**
 * A latency objective of one region counts that region's own vantages unless it says `from: all`: the limit is for its
 * own users. Every other one counts all.
 */
export function objectives(names: Names): Read<readonly Objective[]> {
  const read = object({
    id: required(name),
    check: required(oneOf(names.checks)),
    region: optional(oneOf(names.regions), null),
    from: optional(oneOf(['own', 'all']), null),
    indicator: required(indicator),
    target: required((value) => value ?? undefined),
    window: required(durationMs(1_000)),
    drills: optional(oneOf(['charged', 'apart']), null),
  });
  return list((value, at) => {
    const found = read(value, at);
    const missing = isObject(value) && value['target'] === undefined;
    if (missing) at.in('target').note('nothing', 'a percentage for availability, a duration for latency');
    if (found === undefined) return undefined;
    const judged = indicatorOf(found.indicator, found.target, at.in('target'));
    if (judged === undefined) return undefined;
    const { id, check, region, drills } = found;
    const from = found.from ?? (region !== null && judged.kind === 'latency' ? 'own' : 'all');
    return {
      id,
      check,
      region,
      from,
      indicator: judged,
      windowMs: found.window,
      ...(drills === null ? {} : { drills }),
    };
  });
}

function indicatorOf(
  kind: 'availability' | number,
  value: unknown,
  at: Parameters<Read<unknown>>[1],
): Indicator | undefined {
  if (kind === 'availability') {
    const target = ratio(value, at);
    return target === undefined ? undefined : { kind, target };
  }
  const targetMs = durationMs()(value, at);
  return targetMs === undefined ? undefined : { kind: 'latency', quantile: kind, targetMs };
}
