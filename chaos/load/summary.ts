import { isObject } from '../../contract/json.ts';
import type { LoadSummary, LoadThreshold } from '../../contract/load.ts';

type Metric = { readonly [key: string]: unknown };

/**
 * k6's `--summary-export`, which it writes also for scripts with a `handleSummary` of their own; `null` for anything else.
 * Its thresholds say whether they were crossed: `true` is the bad one.
 */
export function summaryOf(text: string): LoadSummary | null {
  const metrics = metricsIn(text);
  if (metrics === null) return null;
  const failed = metrics['http_req_failed'];
  return {
    iterations: numberIn(metrics['iterations'], 'count') ?? 0,
    dropped: numberIn(metrics['dropped_iterations'], 'count') ?? 0,
    requests: numberIn(metrics['http_reqs'], 'count') ?? 0,
    // Of a rate "passes" are those for which it was true: here, that they failed.
    failed: numberIn(failed, 'passes') ?? 0,
    p95Ms: numberIn(metrics['http_req_duration'], 'p(95)'),
    thresholds: Object.entries(metrics).flatMap(([metric, value]) => thresholdsOf(metric, value)),
  };
}

function metricsIn(text: string): Readonly<Record<string, Metric>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && isObject(value['metrics']) ? (value['metrics'] as Record<string, Metric>) : null;
  } catch {
    return null;
  }
}

function numberIn(metric: Metric | undefined, key: string): number | null {
  const value = isObject(metric) ? metric[key] : undefined;
  return typeof value === 'number' ? value : null;
}

function thresholdsOf(metric: string, value: Metric): readonly LoadThreshold[] {
  const thresholds = isObject(value) ? value['thresholds'] : undefined;
  if (!isObject(thresholds)) return [];
  return Object.entries(thresholds).map(([expression, crossed]) => ({ metric, expression, held: crossed === false }));
}
