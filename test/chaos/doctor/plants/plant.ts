/** What a planted mistake is, and short ways to make one. */
import type { RuleId } from '../../../../chaos/doctor/finding.ts';
import type { ZoneFacts } from '../../../../chaos/doctor/zone.ts';
import type { CheckerReport, HealthCheck, RecordSet } from '../../../../zone/records.ts';
import { check, eu, us } from '../shop.ts';

export type Plant = {
  readonly mistake: string;
  readonly rule: RuleId;
  readonly level: 'problem' | 'advice';
  /** Of the users; `null`: the scenario does not tell. */
  readonly share: number | null;
  /** What its sentence has to say. */
  readonly says: RegExp;
  readonly make: () => ZoneFacts;
};

export const led = (share: string): RegExp =>
  new RegExp(`with us-east-1 dark, ${share} % of your users .*get us-east-1`);
export const simple = { policy: 'simple' } as const;

export function changed(
  records: readonly RecordSet[],
  change: (record: RecordSet) => Partial<RecordSet>,
): readonly RecordSet[] {
  return records.map((record) => ({ ...record, ...change(record) }));
}

export function ofUs(records: readonly RecordSet[], more: Partial<RecordSet>): readonly RecordSet[] {
  return changed(records, ({ setIdentifier }) => (setIdentifier === us ? more : {}));
}

export function usCheck(more: Partial<HealthCheck>, others: readonly HealthCheck[] = []): Partial<ZoneFacts> {
  return { healthChecks: [check(us, more), check(eu), ...others] };
}

export function reports(healthy: boolean, status: string): readonly CheckerReport[] {
  return Array.from({ length: 16 }, (_, index) => ({
    region: 'us-east-1',
    address: `192.0.2.${index}`,
    healthy,
    status,
    checkedAtMs: 0,
  }));
}

export function withTtl(record: RecordSet, ttlSeconds: number): Partial<RecordSet> {
  return record.target.kind === 'values' ? { target: { ...record.target, ttlSeconds } } : {};
}
