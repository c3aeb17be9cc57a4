/** Route 53's health checkers: sixteen of them in eight regions, each on its own, and what follows from their reports. */
import { type Cancel, every } from '../../contract/clock.ts';
import { healthOf } from '../../zone/health.ts';
import type { CheckerReport, HealthCheck } from '../../zone/records.ts';
import { type CheckersDeps, type CheckersOptions, crew, regionOf } from './crew.ts';

export type Checkers = {
  /** What each checker that runs last said of a check, one that has said nothing yet left out. */
  reports(healthCheckId: string): readonly CheckerReport[];
  lastFailures(healthCheckId: string): readonly CheckerReport[];
  /** With all switches of the check considered; `true` for a check that does not exist. */
  healthy(healthCheckId: string): boolean;
  onFlip(listener: (healthCheckId: string, healthy: boolean) => void): Cancel;
  /** Ends one checker: its reports are gone, the others go on. */
  stopOne(index: number): void;
  readonly sourceAddresses: readonly string[];
  close(): Promise<void>;
};

const rereadEveryMs = 1_000;
const probed: ReadonlySet<string> = new Set(['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP']);

export function checkers(options: CheckersOptions, deps: CheckersDeps): Checkers {
  const known = new Map<string, HealthCheck>();
  const health = new Map<string, boolean>();
  const listeners = new Set<(id: string, healthy: boolean) => void>();
  const all = crew(options, deps, judge);
  const healthy = (id: string): boolean =>
    healthOf(id, {
      check: (other) => known.get(other),
      said: (other) => all.reports(other).map((report) => report.healthy),
    });

  /** Tells of every check that counts as something else now; checks may be made from others. */
  function judge(): void {
    for (const id of known.keys()) {
      const from = health.get(id);
      const to = healthy(id);
      health.set(id, to);
      if (from === undefined || from === to) continue;
      deps.truth({ what: 'health', region: regionOf(id), where: id, from, to });
      for (const listener of listeners) listener(id, to);
    }
  }

  function align(): void {
    const checks = options.checks();
    known.clear();
    for (const check of checks) known.set(check.id, check);
    for (const id of [...health.keys()].filter((other) => !known.has(other))) health.delete(id);
    all.watchOver(checks.filter(({ type }) => probed.has(type)));
    judge();
  }

  align();
  const stopListening = options.changed?.(align) ?? every(deps.clock, rereadEveryMs, align, () => undefined);
  return {
    reports: all.reports,
    lastFailures: all.lastFailures,
    healthy,
    onFlip(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stopOne(index) {
      all.stopOne(index);
      judge();
    },
    sourceAddresses: options.sourceAddresses,
    async close() {
      stopListening();
      await all.close();
    },
  };
}
