/** What Route 53 refuses, asked of the lab's by the real AWS SDK. Each row says the rule that it breaks. */
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi } from './lab.ts';
import { a, alias, create, remove, set, texts, upsert } from './record-sets.ts';
import { batchLimits, requests } from './request-rules.ts';
import { wrongValues, zoneRules } from './zone-rules.ts';

let lab: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  lab = await startApi();
});
afterAll(() => lab.close());

const submit = (...changes: readonly Change[]) =>
  lab.client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch: { Changes: [...changes] } }));
describe('refused as Route 53 refuses it, with nothing of the batch done:', () => {
  test.each([...requests, ...zoneRules, ...batchLimits])('%s', async (_rule, changes, code, message) => {
    const before = lab.store.zone();
    const batch = Array.isArray(changes) ? (changes as readonly Change[]) : [changes as Change];
    // Beside a change that could be made by itself: it is not made either.
    const beside = batch.length === 0 || batch.length > 4 ? batch : [...batch, create(a('beside'))];
    const error: unknown = await submit(...beside).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: code,
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
    if (code === 'InvalidChangeBatch') {
      expect((error as Error).message).toMatch(/^\[.*\]$/s);
      expect(`[${(error as { messages: readonly string[] }).messages.join(', ')}]`).toBe((error as Error).message);
    }
    expect(lab.store.zone()).toBe(before);
  });

  test.each(wrongValues)('a %s with the value %s', async (type, value, code) => {
    const message = expect.stringContaining(`Invalid Resource Record: 'FATAL problem: ${code} (`);
    await expect(submit(create(set('n', type, value)))).rejects.toMatchObject({ name: 'InvalidChangeBatch', message });
  });

  test('a name with an empty label, and every other mistake of the batch at once', async () => {
    const failed = submit(create(a('n.')), create(a('eu')), create(set('m', 'A', 'nonsense')));
    await expect(failed).rejects.toMatchObject({
      messages: [
        expect.stringMatching(/already exists/),
        expect.stringMatching(/^FATAL problem: DomainLabelEmpty .* encountered with 'n..agent.test.'$/),
        expect.stringMatching(/ARRDATAIllegalIPv4Address/),
      ],
    });
  });

  test('an action that is none', async () => {
    const failed = submit({ Action: 'REPLACE' as 'UPSERT', ResourceRecordSet: a('n') });
    await expect(failed).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/^Invalid XML ; .*REPLACE/),
    });
  });

  test('a zone and a change that are not there', async () => {
    const zone = lab.client.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'ZNOPE' }));
    await expect(zone).rejects.toMatchObject({ name: 'NoSuchHostedZone', $metadata: { httpStatusCode: 404 } });
    const change = lab.client.send(new GetChangeCommand({ Id: 'C0' }));
    await expect(change).rejects.toMatchObject({ name: 'NoSuchChange', $metadata: { httpStatusCode: 404 } });
  });
});

describe('done, at the edge of what may be:', () => {
  const insync = async (id = ''): Promise<void> => {
    while (lab.store.submission(id.replace('/change/', ''))?.status === 'PENDING') {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const both = async (...sets: readonly ResourceRecordSet[]): Promise<void> => {
    await insync((await submit(...sets.map(create))).ChangeInfo?.Id);
    await insync((await submit(...sets.map(remove))).ChangeInfo?.Id);
  };

  test('every type with a sound value', async () => {
    await both(
      set('n', 'A', '127.3.0.1', '127.3.0.2'),
      set('n', 'AAAA', '2001:db8::1'),
      set('n', 'TXT', '"one" "two \\"quoted\\""', `"${'x'.repeat(255)}"`),
      set('n', 'MX', '0 mail.test', '65535 mail.test.'),
      set('n', 'SRV', '1 2 65535 host.test'),
      set('n', 'CAA', '0 issue "letsencrypt.org"'),
      set('p', 'PTR', 'host.test.'),
      set('d', 'NS', 'ns-1.test', 'ns-2.test'),
      set('_underscored', 'CNAME', 'host.test'),
      set('\\052.wild', 'A', '127.3.0.1'),
    );
  });

  test('weights 0 and 255, TTL 0, subdivisions, multivalue, an alias into a load balancer with a health check', async () => {
    await both(
      { ...a('w'), TTL: 0, SetIdentifier: 'x', Weight: 0 },
      { ...a('w'), TTL: 0, SetIdentifier: 'y'.repeat(128), Weight: 255 },
      { ...a('g'), SetIdentifier: 'x', GeoLocation: { CountryCode: 'US', SubdivisionCode: 'NY' } },
      { ...a('g'), SetIdentifier: 'y', GeoLocation: { CountryCode: 'US' } },
      { ...a('m'), SetIdentifier: 'x', MultiValueAnswer: true },
      {
        ...alias('lb', 'lb-1.us-east-1.elb.amazonaws.com', 'Z35SXDOTRQ7X7K'),
        HealthCheckId: '127.1.0.1',
        SetIdentifier: 'x',
        Failover: 'PRIMARY',
      },
    );
  });

  test('500 upserts, and a primary that changes places with its secondary in one batch', async () => {
    const many = texts(500, 6).map((text, index) => set(`u${index}`, 'TXT', text));
    await insync((await submit(...many.map(upsert))).ChangeInfo?.Id);
    await insync((await submit(...many.map(remove))).ChangeInfo?.Id);
    const role = (id: string, Failover: 'PRIMARY' | 'SECONDARY'): ResourceRecordSet => ({
      ...a('us', id),
      SetIdentifier: id,
      HealthCheckId: id,
      Failover,
    });
    await insync(
      (await submit(upsert(role('127.1.0.1', 'SECONDARY')), upsert(role('127.2.0.1', 'PRIMARY')))).ChangeInfo?.Id,
    );
    await insync(
      (await submit(upsert(role('127.1.0.1', 'PRIMARY')), upsert(role('127.2.0.1', 'SECONDARY')))).ChangeInfo?.Id,
    );
  });
});
