/** What a schedule may do here: operations of ECS and Route 53, their requests as JSON. */
import { isObject, type Json } from '../../contract/json.ts';
import { readChanges } from '../route53/record-xml.ts';
import type { ZoneStore } from '../route53/store.ts';
import type { XmlNode } from '../route53/xml.ts';
import type { EcsStore } from './ecs.ts';
import { AwsRefusal } from './refusal.ts';

export type Targets = Readonly<Record<string, (input: Json) => void>>;

/** `spelling`: how members like `TTL` have to be written; an unknown member is passed over, as a missing one is not. */
export function universalTargets(ecs: EcsStore, zone: ZoneStore | null, spelling: 'sdk' | 'api' = 'sdk'): Targets {
  return {
    'ecs:updateService': (input) => void ecs.run('UpdateService', lowered(input)),
    'ecs:tagResource': (input) => void ecs.run('TagResource', lowered(input)),
    'route53:changeResourceRecordSets': (input) => {
      if (zone === null || !isObject(input) || input['HostedZoneId'] !== zone.zone().id) {
        throw new AwsRefusal('NoSuchHostedZone', 'No hosted zone found with that ID', 404);
      }
      const batch = node('ChangeBatch', input['ChangeBatch'] as Json, names[spelling]);
      const body = { name: 'ChangeResourceRecordSetsRequest', text: '', children: [batch] };
      const done = zone.submit(readChanges(body), null);
      if (!done.ok) throw new AwsRefusal(done.code, done.messages.join('; '));
    },
  };
}

const names = {
  sdk: { Ttl: 'TTL', DnsName: 'DNSName', TTL: 'unknown', DNSName: 'unknown' },
  api: { Ttl: 'unknown', DnsName: 'unknown' },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

/** A list's members are named by the singular of its name: `Changes`, `Change`. */
function node(name: string, value: Json, spelled: Readonly<Record<string, string>>): XmlNode {
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return { name, text: '', children: items.map((item) => node(name.replace(/s$/, ''), item, spelled)) };
  }
  if (!isObject(value)) return { name, text: String(value), children: [] };
  const entries = Object.entries(value as { readonly [key: string]: Json });
  return { name, text: '', children: entries.map(([key, inner]) => node(spelled[key] ?? key, inner, spelled)) };
}

/** ECS writes its members with a lower first letter, a schedule with an upper one. */
function lowered(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => lowered(item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value as { readonly [key: string]: Json });
  return Object.fromEntries(
    entries.map(([key, inner]) => [key.charAt(0).toLowerCase() + key.slice(1), lowered(inner)]),
  );
}
