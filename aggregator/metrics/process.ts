/** The aggregator's own process, as its Prometheus client sees it; written out by our own writer. */
import { collectDefaultMetrics, Registry } from '@prometheus-io/client';
import type { Family, FamilyType, Label } from './exposition.ts';
import { canonical } from './series.ts';

export type ProcessMetrics = { families(): Promise<readonly Family[]>; stop(): void };

/** Of the many, those that say something; some of the others are numbers for "nothing measured yet". */
const shown = /^(process_|nodejs_(heap_size|external_memory|gc|version_info|eventloop_lag_(p\d+|max)_seconds))/;

export function processMetrics(): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    async families() {
      const metrics = await registry.getMetricsAsJSON();
      return metrics
        .filter(({ name }) => shown.test(name))
        .map((metric): Family => {
          const type = String(metric.type) as FamilyType;
          const measured = (metric.values ?? []).filter((value) => Number.isFinite(value.value));
          const samples = measured.map((value) => {
            const labels = Object.entries(value.labels ?? {}).map(
              ([name, label]): Label => [name, labelText(name, label)],
            );
            const { metricName } = value as { readonly metricName?: string };
            return { name: metricName ?? metric.name, labels, value: value.value };
          });
          return { name: metric.name, help: metric.help, type, samples };
        });
    },
    stop: () => registry.clear(),
  };
}

function labelText(name: string, value: unknown): string {
  if (name !== 'le') return String(value);
  const bound = Number(value);
  return Number.isNaN(bound) ? String(value) : canonical(value === '+Inf' ? Number.POSITIVE_INFINITY : bound);
}
