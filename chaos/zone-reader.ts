import type { CheckerReport, HealthCheck, RecordType, Zone } from '../zone/records.ts';

/** All that drills ask of a zone's provider. Reads only; rejects with a `Trouble`. */
export type ZoneReader = {
  zone(signal: AbortSignal): Promise<Zone>;
  healthChecks(signal: AbortSignal): Promise<readonly HealthCheck[]>;
  /** What each checker last reported. */
  status(healthCheckId: string, signal: AbortSignal): Promise<readonly CheckerReport[]>;
  close(): void;
};

/** A question as a resolver with clients in `subnet` would ask it. */
export type TestQuestion = { readonly name: string; readonly type: RecordType; readonly subnet: string | null };
/** `NOERROR`, `NXDOMAIN`, and the values: no TTLs, the API tells none. */
export type TestAnswer = { readonly code: string; readonly values: readonly string[]; readonly nameserver: string };

export type ZoneAsker = {
  /** What the zone's own servers would answer. Of public zones alone. */
  answer(question: TestQuestion, signal: AbortSignal): Promise<TestAnswer>;
};
