import type { CheckerReport, HealthCheck, Zone } from '../zone/records.ts';

/** All that drills ask of a zone's provider. Reads only; rejects with a `Trouble`. */
export type ZoneReader = {
  zone(signal: AbortSignal): Promise<Zone>;
  healthChecks(signal: AbortSignal): Promise<readonly HealthCheck[]>;
  /** What each checker last reported. */
  status(healthCheckId: string, signal: AbortSignal): Promise<readonly CheckerReport[]>;
  close(): void;
};
