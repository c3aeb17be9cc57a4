/** What a schedule hands to an operation of AWS: its request as JSON, the members' first letters upper case. */
import { isObject, type Json } from '../../../contract/json.ts';
import type { AccountAction, Spelling } from '../../account.ts';
import { sdkRecordOf } from './convert.ts';

export type UniversalTarget = {
  /** `ecs:updateService`. */
  readonly operation: string;
  readonly input: Json;
};

/** Members whose name has several capitals in a row: `sdk` spells them as AWS's SDK for Java does. */
const spelledBySdk: Readonly<Record<string, string>> = { TTL: 'Ttl', DNSName: 'DnsName' };

export function targetOf(action: AccountAction, spelling: Spelling): UniversalTarget {
  switch (action.kind) {
    case 'change-records': {
      const Changes = action.changes.map(({ action: Action, record }) => ({
        Action,
        ResourceRecordSet: sdkRecordOf(record),
      }));
      const input = JSON.parse(JSON.stringify({ HostedZoneId: action.zone, ChangeBatch: { Changes } })) as Json;
      return { operation: 'route53:changeResourceRecordSets', input: spelling === 'sdk' ? respelled(input) : input };
    }
    case 'set-count': {
      const { cluster: Cluster, service: Service, count: DesiredCount } = action;
      return { operation: 'ecs:updateService', input: { Cluster, Service, DesiredCount } };
    }
    case 'tag-service': {
      const Tags = [{ Key: action.key, Value: action.value }];
      return { operation: 'ecs:tagResource', input: { ResourceArn: action.arn, Tags } };
    }
  }
}

function respelled(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => respelled(item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value as { readonly [key: string]: Json });
  return Object.fromEntries(entries.map(([key, inner]) => [spelledBySdk[key] ?? key, respelled(inner)]));
}
