/** Record sets and changes as the AWS SDK sends them, in short. */
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';

/** A rule, the changes that break it, and what is said. */
export type Row = readonly [rule: string, changes: Change | readonly Change[], code: string, message: RegExp];

export const create = (set: ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet: set });
export const upsert = (set: ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet: set });
export const remove = (set: ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet: set });

/** `name` below the zone; of one type, with values. */
export function set(name: string, type: string, ...values: readonly string[]): ResourceRecordSet {
  const ResourceRecords = values.map((Value) => ({ Value }));
  return { Name: `${name}.agent.test`, Type: type as 'A', TTL: 60, ResourceRecords };
}
export const a = (name: string, address = '127.3.0.1'): ResourceRecordSet => set(name, 'A', address);
export const alias = (name: string, to: string, HostedZoneId = 'Z1', type = 'A'): ResourceRecordSet => ({
  Name: `${name}.agent.test`,
  Type: type as 'A',
  AliasTarget: { DNSName: to, HostedZoneId, EvaluateTargetHealth: true },
});
/** Some hundred values of `length` characters, all different. */
export const texts = (count: number, length: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `"${String(index).padStart(length - 2, '0')}"`);
