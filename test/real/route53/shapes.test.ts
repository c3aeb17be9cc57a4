/** The lab's Route 53 answers in the shapes of another stand-in, and refuses with its codes, as the AWS SDK reads both. */
import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  GetHostedZoneCommand,
  ListHealthChecksCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../lab/waiting.ts';
import { startApi } from '../../lab-route53/lab.ts';
import { zoneOf } from '../../zone/records.ts';
import { motoPresent, startMoto } from './moto.ts';
import { shapeOf } from './shape.ts';

type Side = { readonly client: Route53Client; readonly zone: string; health: string; change: string };
type Ask = (side: Side) => Promise<object>;

const record = (name: string, more: Partial<ResourceRecordSet>): ResourceRecordSet => ({
  Name: `${name}.agent.test.`,
  Type: 'A',
  TTL: 60,
  ResourceRecords: [{ Value: '127.3.0.1' }],
  ...more,
});
const plain = record('plain', {});
const change = (side: Side, Action: 'CREATE' | 'DELETE' | 'UPSERT', ...sets: readonly ResourceRecordSet[]) =>
  side.client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: side.zone,
      ChangeBatch: { Changes: sets.map((ResourceRecordSet) => ({ Action, ResourceRecordSet })) },
    }),
  );

/** What Amazon's API gives and moto leaves out. */
const notInMoto: ReadonlySet<string> = new Set([
  'ListHostedZonesByName.IsTruncated: boolean',
  'ListHostedZonesByName.MaxItems: number',
  'CreateHealthCheck.Location: string',
  'ListHealthChecks.IsTruncated: boolean',
  'ListHealthChecks.MaxItems: number',
  'ListHealthChecks.HealthChecks[].HealthCheckConfig.FullyQualifiedDomainName: string',
]);

/** In this order: each works on what those before it made. */
const asked: readonly (readonly [operation: string, ask: Ask])[] = [
  ['GetHostedZone', ({ client, zone }) => client.send(new GetHostedZoneCommand({ Id: zone }))],
  ['ListHostedZones', ({ client }) => client.send(new ListHostedZonesCommand({}))],
  ['ListHostedZonesByName', ({ client }) => client.send(new ListHostedZonesByNameCommand({ DNSName: 'agent.test.' }))],
  [
    'CreateHealthCheck',
    async (side) => {
      const HealthCheckConfig = { Type: 'HTTPS', IPAddress: '127.1.0.1', Port: 443, ResourcePath: '/health' } as const;
      const made = await side.client.send(new CreateHealthCheckCommand({ CallerReference: 'one', HealthCheckConfig }));
      side.health = made.HealthCheck?.Id ?? '';
      return made;
    },
  ],
  ['GetHealthCheck', ({ client, health }) => client.send(new GetHealthCheckCommand({ HealthCheckId: health }))],
  ['ListHealthChecks', ({ client }) => client.send(new ListHealthChecksCommand({}))],
  [
    'UpdateHealthCheck',
    ({ client, health }) => client.send(new UpdateHealthCheckCommand({ HealthCheckId: health, FailureThreshold: 2 })),
  ],
  [
    'GetHealthCheckStatus',
    ({ client, health }) => client.send(new GetHealthCheckStatusCommand({ HealthCheckId: health })),
  ],
  [
    'ChangeResourceRecordSets',
    async (side) => {
      const made = await change(
        side,
        'CREATE',
        plain,
        record('w', { SetIdentifier: 'x', Weight: 1, HealthCheckId: side.health }),
        record('f', { SetIdentifier: 'x', Failover: 'PRIMARY', HealthCheckId: side.health }),
        record('g', { SetIdentifier: 'x', GeoLocation: { CountryCode: 'US', SubdivisionCode: 'NY' } }),
        record('l', { SetIdentifier: 'x', Region: 'us-east-1' }),
        record('m', { SetIdentifier: 'x', MultiValueAnswer: true }),
      );
      side.change = made.ChangeInfo?.Id ?? '';
      return made;
    },
  ],
  ['GetChange', ({ client, change: Id }) => client.send(new GetChangeCommand({ Id }))],
  [
    'ListResourceRecordSets',
    ({ client, zone }) => client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone })),
  ],
];

const refused: readonly (readonly [what: string, ask: Ask])[] = [
  ['an unknown zone', ({ client }) => client.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'ZNOPE' }))],
  ['an unknown health check', ({ client }) => client.send(new GetHealthCheckCommand({ HealthCheckId: 'nope' }))],
  ['creating what is there', (side) => change(side, 'CREATE', plain)],
  ['a name outside the zone', (side) => change(side, 'CREATE', { ...plain, Name: 'n.other.test.' })],
  ['an action that is none', (side) => change(side, 'REPLACE' as 'UPSERT', plain)],
  [
    '1,001 records',
    (side) => change(side, 'CREATE', ...Array.from({ length: 1_001 }, (_, index) => record(`n${index}`, {}))),
  ],
];

describe.skipIf(!motoPresent())('the lab’s Route 53 beside moto’s', () => {
  const closing: (() => Promise<void>)[] = [];
  let sides: { readonly lab: Side; readonly moto: Side };

  beforeAll(async () => {
    const lab = await startApi({ zone: zoneOf() });
    closing.push(lab.close);
    const moto = await startMoto();
    closing.push(moto.stop);
    const made = await moto.client.send(new CreateHostedZoneCommand({ Name: 'agent.test.', CallerReference: 'zone' }));
    sides = {
      lab: { client: lab.client, zone: 'Z1', health: '', change: '' },
      moto: {
        client: moto.client,
        zone: (made.HostedZone?.Id ?? '').replace('/hostedzone/', ''),
        health: '',
        change: '',
      },
    };
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  test.each(asked)('%s answers with fields of the same names and types', async (operation, ask) => {
    const [ours, theirs] = [shapeOf(await ask(sides.lab)), shapeOf(await ask(sides.moto))];
    expect(ours.size).toBeGreaterThan(0);
    const extra = [...ours].filter((field) => !theirs.has(field) && !notInMoto.has(`${operation}${field}`));
    expect(extra).toEqual([]);
  });

  test.each(refused)('%s is refused with the same code and status', async (_what, ask) => {
    // The change before is on its way in the lab for some milliseconds, and never in moto.
    const said = (side: Side): Promise<readonly unknown[]> =>
      until(10_000, 'the change before to be in sync', async () => {
        const error: unknown = await ask(side).catch((reason: unknown) => reason);
        const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
        return name === 'PriorRequestNotComplete' ? undefined : [name, $metadata?.httpStatusCode];
      });
    expect(await said(sides.lab)).toEqual(await said(sides.moto));
  });
});
