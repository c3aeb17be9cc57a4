import type {
  GetHealthCheckStatusCommandOutput,
  ListResourceRecordSetsCommandInput,
  ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { canonicalJson } from '../../../contract/json.ts';
import type { CheckerReport, HealthCheck, RecordSet, Zone } from '../../../zone/records.ts';
import type { ZoneWriter } from '../../account.ts';
import type { ZoneAsker, ZoneReader } from '../../zone-reader.ts';
import { caller, type Patience } from './call.ts';
import { healthCheckOf, qualified, recordSetOf, sdkRecordOf } from './convert.ts';
import type { AwsSession } from './session.ts';

/** Route 53's API is in one place for all. */
const route53Region = 'us-east-1';
const changeIdPrefix = '/change/';

/** One hosted zone: all that is read of it, and its records changed. */
export type AwsZone = ZoneReader & ZoneWriter & ZoneAsker & { close(): void };

/** `id`: of the hosted zone. `role`: whom to read and change it as. The SDK is loaded here. */
export async function awsZone(
  session: AwsSession,
  { id, role }: { readonly id: string; readonly role: string | null },
): Promise<AwsZone> {
  const sdk = await import('@aws-sdk/client-route-53');
  const place = { region: route53Region, role };
  const client: Route53Client = new sdk.Route53Client(await session.configOf(place));
  const call = caller(`Route 53, zone ${id}`, session.clock, session.turnOf(place, client));

  let changeId: string | null = null;

  type From = Pick<ListResourceRecordSetsCommandInput, `StartRecord${'Name' | 'Type' | 'Identifier'}`>;
  function listed(signal: AbortSignal, patience: Patience): Promise<readonly ResourceRecordSet[]> {
    return call.pages<ResourceRecordSet, From>('the records of the zone', async (from) => {
      const input = { HostedZoneId: id, ...from };
      const ask = (abortSignal: AbortSignal) =>
        client.send(new sdk.ListResourceRecordSetsCommand(input), { abortSignal });
      const page = await call.patiently('the records of the zone', signal, ask, patience);
      const next = {
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        ...(page.NextRecordIdentifier === undefined ? {} : { StartRecordIdentifier: page.NextRecordIdentifier }),
      };
      return { items: page.ResourceRecordSets ?? [], next: page.IsTruncated === true ? next : null };
    });
  }

  async function healthChecks(signal: AbortSignal, patience: Patience): Promise<readonly HealthCheck[]> {
    return call.pages<HealthCheck, { readonly Marker?: string | undefined }>('the health checks', async (from) => {
      const ask = (abortSignal: AbortSignal) => client.send(new sdk.ListHealthChecksCommand(from), { abortSignal });
      const page = await call.patiently('the health checks', signal, ask, patience);
      const more = page.IsTruncated === true && page.NextMarker !== undefined;
      return { items: (page.HealthChecks ?? []).map(healthCheckOf), next: more ? { Marker: page.NextMarker } : null };
    });
  }

  async function hosted(signal: AbortSignal, patience?: Patience) {
    const ask = (abortSignal: AbortSignal) => client.send(new sdk.GetHostedZoneCommand({ Id: id }), { abortSignal });
    return call.patiently('the zone', signal, ask, patience);
  }

  return {
    zone: (signal) =>
      call.whole('the zone and its records', signal, async (inTime, patience): Promise<Zone> => {
        const answer = await hosted(inTime, patience);
        const nameservers = answer.DelegationSet?.NameServers ?? [];
        const isPrivate = answer.HostedZone?.Config?.PrivateZone === true ? { isPrivate: true } : {};
        const found = await listed(inTime, patience);
        const records = found.map(recordSetOf).filter((record) => record !== undefined);
        return { id, name: qualified(answer.HostedZone?.Name ?? ''), ...isPrivate, nameservers, records };
      }),
    healthChecks: (signal) => call.whole('the health checks', signal, healthChecks),
    async status(healthCheckId, signal): Promise<readonly CheckerReport[]> {
      // Asked again soon anyway: an attempt of its own each time keeps its two instants close together.
      const answer = await call.once(`the status of health check ${healthCheckId}`, signal, (abortSignal) =>
        client.send(new sdk.GetHealthCheckStatusCommand({ HealthCheckId: healthCheckId }), { abortSignal }),
      );
      return reportsOf(answer);
    },
    async records(signal) {
      const zone = qualified((await hosted(signal)).HostedZone?.Name ?? '');
      const all = await call.whole('the records of the zone', signal, listed);
      const records: RecordSet[] = [];
      const strange: string[] = [];
      for (const found of all) {
        const record = recordSetOf(found);
        if (record !== undefined) records.push(record);
        if (record === undefined || !isWhole(found, record))
          strange.push(`${qualified(found.Name ?? '')} ${found.Type}`);
      }
      return { zone, records, strange };
    },
    async change(changes, comment, signal) {
      const Changes = changes.map(({ action, record }) => ({ Action: action, ResourceRecordSet: sdkRecordOf(record) }));
      const answer = await call.patiently('a change of records', signal, (abortSignal) =>
        client.send(
          new sdk.ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Comment: comment, Changes } }),
          { abortSignal },
        ),
      );
      changeId = (answer.ChangeInfo?.Id ?? '').replace(changeIdPrefix, '');
    },
    async isInSync(signal) {
      const id = changeId;
      if (id === null) return true;
      const answer = await call.patiently(`change ${id}`, signal, (abortSignal) =>
        client.send(new sdk.GetChangeCommand({ Id: id }), { abortSignal }),
      );
      return answer.ChangeInfo?.Status === 'INSYNC';
    },
    async answer({ name, type, subnet }, signal) {
      const [ip, mask] = subnet?.split('/') ?? [];
      const client24 = ip === undefined ? {} : { EDNS0ClientSubnetIP: ip, EDNS0ClientSubnetMask: mask };
      const input = { HostedZoneId: id, RecordName: name, RecordType: type, ...client24 };
      const answer = await call.patiently(`the answer for ${name} ${type}`, signal, (abortSignal) =>
        client.send(new sdk.TestDNSAnswerCommand(input), { abortSignal }),
      );
      return {
        code: answer.ResponseCode ?? '',
        values: answer.RecordData ?? [],
        nameserver: answer.Nameserver ?? '',
      };
    },
    close: () => client.destroy(),
  };
}

/** Whether the model has all of it, so that deleting and creating it again leaves it the same. */
function isWhole(found: Parameters<typeof recordSetOf>[0], record: RecordSet): boolean {
  const known = sdkRecordOf(record);
  const named = { ...found, Name: known.Name };
  if (found.AliasTarget !== undefined && known.AliasTarget !== undefined) {
    named.AliasTarget = { ...found.AliasTarget, DNSName: known.AliasTarget.DNSName };
  }
  return canonicalJson(withoutGaps(named)) === canonicalJson(withoutGaps(known));
}

function withoutGaps(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function reportsOf(answer: GetHealthCheckStatusCommandOutput): readonly CheckerReport[] {
  return (answer.HealthCheckObservations ?? []).map((observation) => {
    const status = observation.StatusReport?.Status ?? '';
    return {
      region: observation.Region ?? '',
      address: observation.IPAddress ?? '',
      // The text is free; only its beginning says anything.
      healthy: status.startsWith('Success:'),
      status,
      checkedAtMs: observation.StatusReport?.CheckedTime?.getTime() ?? 0,
    };
  });
}
