/** Zones that are no pleasure to read: each ends in time, in one sentence or in what can still be said. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { route53 } from '../../../chaos/cloud/route53.ts';
import { readZone, unseen } from '../../../chaos/runner/zone.ts';
import { zoneChanges } from '../../../chaos/runner/zone-changes.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import type { Clock } from '../../../contract/clock.ts';
import type { RecordSet } from '../../../zone/records.ts';
import { instantClock } from '../../fakes/instant-clock.ts';
import { startApi } from '../../lab-route53/lab.ts';
import { agentZone, values, zoneOf } from '../../zone/records.ts';

const open = new AbortController().signal;
const longMs = 10_000;
const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0).reverse()) await close();
});

/** Waits its turns in no time; deadlines are never reached. */
function unhurried(): Clock & { waitedMs(): number } {
  const instant = instantClock(0);
  return {
    ...instant,
    waitedMs: instant.nowMs,
    after: (delayMs, run) => (delayMs >= longMs ? () => undefined : instant.after(delayMs, run)),
  };
}

async function readerAt(url: string, clock: Clock) {
  vi.stubEnv('AWS_ENDPOINT_URL_ROUTE_53', url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'lab');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'lab');
  const reader = await route53('Z1', clock);
  closing.push(() => reader.close());
  return reader;
}

/** A Route 53 that says what it is told to, and counts what it is asked. */
async function saying(listener: RequestListener, clock: Clock = unhurried()) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const reader = await readerAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, clock);
  return { reader, asked: () => asked };
}

const refusing =
  (status: number, code: string, message: string): RequestListener =>
  (_request, response) => {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
    response.writeHead(status, { 'content-type': 'text/xml' }).end(`<ErrorResponse>${error}</ErrorResponse>`);
  };

/** The zone itself, and then pages of one record each, without end. `next`: the name that the n-th page leads to. */
function endless(next: (page: number) => string): RequestListener {
  let page = 0;
  return (request, response) => {
    page += 1;
    const zone =
      '<GetHostedZoneResponse><HostedZone><Id>/hostedzone/Z1</Id><Name>agent.test.</Name></HostedZone></GetHostedZoneResponse>';
    const records = `<ListResourceRecordSetsResponse><ResourceRecordSets/><IsTruncated>true</IsTruncated><NextRecordName>${next(page)}</NextRecordName><NextRecordType>A</NextRecordType></ListResourceRecordSetsResponse>`;
    response.writeHead(200, { 'content-type': 'text/xml' }).end(request.url?.includes('/rrset') ? records : zone);
  };
}

test('without the right to list, the sentence names the rights that reading needs', async () => {
  const { reader, asked } = await saying(refusing(403, 'AccessDenied', 'User is not authorized'));
  const { state, because } = await readZone(reader, open);
  expect(state).toBeNull();
  expect(because).toMatch(/^Route 53, zone Z1: the zone: these credentials may not \(AccessDenied\)/);
  for (const right of ['GetHostedZone', 'ListResourceRecordSets', 'ListHealthChecks', 'GetHealthCheckStatus']) {
    expect(because).toContain(`route53:${right}`);
  }
  expect(asked()).toBe(1);
  await expect(reader.healthChecks(open)).rejects.toMatchObject({ kind: 'forbidden' });
});

describe('throttled throughout', () => {
  test('it asks five times, some seconds apart, and says so', async () => {
    const clock = unhurried();
    const { reader, asked } = await saying(refusing(400, 'Throttling', 'Rate exceeded'), clock);
    const { because } = await readZone(reader, open);
    expect(because).toBe('Route 53, zone Z1: the zone: Rate exceeded (Throttling); asked 5 times');
    expect(asked()).toBe(5);
    expect(clock.waitedMs()).toBeLessThan(15_000);
  });

  test('page by page, it does not wait for more than half a minute in all', async () => {
    const clock = unhurried();
    const pages = endless((page) => `n${page}.agent.test.`);
    let turn = 0;
    // Each page comes at the fourth attempt.
    const listener: RequestListener = (request, response) => {
      turn += 1;
      if (turn % 4 === 0) pages(request, response);
      else refusing(400, 'Throttling', 'Rate exceeded')(request, response);
    };
    const { reader, asked } = await saying(listener, clock);
    await expect(reader.zone(open)).rejects.toMatchObject({ message: expect.stringMatching(/Rate exceeded/) });
    expect(asked()).toBeLessThan(60);
    expect(clock.waitedMs()).toBeLessThan(60_000);
  });
});

describe('very many records', () => {
  test('ten thousand are read whole, 300 a page, and asked about', async () => {
    const many: RecordSet[] = Array.from({ length: 9_998 }, (_, index) => values(`n${index}`, '10.0.0.1'));
    const lab = await startApi({ zone: zoneOf(...many) });
    closing.push(lab.close);
    const clock = unhurried();
    const { state, because } = await readZone(await readerAt(lab.api.url, clock), open);
    expect(because).toBeNull();
    expect(state?.zone.records).toHaveLength(10_000);
    expect(clock.waitedMs()).toBeLessThan(10_000);
  });

  test('a list without end is not read to it', async () => {
    const { reader, asked } = await saying(endless((page) => `n${page}.agent.test.`));
    await expect(reader.zone(open)).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/the records of the zone: got more than 100 pages/),
    });
    expect(asked()).toBe(101);
  });

  test('nor one that comes back to where it was', async () => {
    const { reader, asked } = await saying(endless(() => 'same.agent.test.'));
    const message = expect.stringMatching(/its next page is the one it just gave/);
    await expect(reader.zone(open)).rejects.toMatchObject({ kind: 'rejected', message });
    expect(asked()).toBe(3);
  });

  test('one that does not answer is given up', async () => {
    const { reader } = await saying(() => undefined, instantClock(0));
    const error: unknown = await reader.zone(open).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Trouble);
    expect(error).toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/no answer within \d+ s/) });
  });
});

test('policies that are not modelled, and a private zone, are read as what they are', async () => {
  const zone =
    '<HostedZone><Id>/hostedzone/Z1</Id><Name>agent.test.</Name><Config><PrivateZone>true</PrivateZone></Config></HostedZone>';
  const set = (id: string, policy: string): string =>
    `<ResourceRecordSet><Name>api.agent.test.</Name><Type>A</Type><SetIdentifier>${id}</SetIdentifier>${policy}<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>10.0.0.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`;
  const sets =
    set('x', '<CidrRoutingConfig><CollectionId>c</CollectionId><LocationName>*</LocationName></CidrRoutingConfig>') +
    set('y', '<GeoProximityLocation><AWSRegion>us-east-1</AWSRegion></GeoProximityLocation>');
  const { reader } = await saying((request, response) => {
    const [name, body] = request.url?.includes('/rrset')
      ? [
          'ListResourceRecordSetsResponse',
          `<ResourceRecordSets>${sets}</ResourceRecordSets><IsTruncated>false</IsTruncated>`,
        ]
      : request.url?.includes('healthcheck')
        ? ['ListHealthChecksResponse', '<HealthChecks/><IsTruncated>false</IsTruncated>']
        : ['GetHostedZoneResponse', zone];
    response.writeHead(200, { 'content-type': 'text/xml' }).end(`<${name}>${body}</${name}>`);
  });
  const { state } = await readZone(reader, open);
  expect(state?.zone.isPrivate).toBe(true);
  expect(state?.zone.records.map(({ routing }) => routing)).toEqual([
    { policy: 'unmodelled', named: 'IP-based' },
    { policy: 'unmodelled', named: 'geoproximity' },
  ]);
  const scenario = { entry: { api: 'https://api.agent.test' } };
  const said = unseen(
    { scenario, drill: { expect: [{ entry: 'api' }] } } as unknown as Parameters<typeof unseen>[0],
    state,
  );
  expect(said).toEqual([
    expect.stringMatching(/^the zone does not tell all: zone agent\.test\. is private/),
    expect.stringMatching(/IP-based/),
    expect.stringMatching(/geoproximity/),
  ]);
});

describe('records changed by somebody else during a drill', () => {
  async function readTwice(meanwhile: (lab: Awaited<ReturnType<typeof startApi>>) => void) {
    const lab = await startApi();
    closing.push(lab.close);
    const reader = await readerAt(lab.api.url, unhurried());
    const { state } = await readZone(reader, open);
    meanwhile(lab);
    return await zoneChanges(state, reader, open);
  }

  test('are named, each with what became of it', async () => {
    const [eu] = agentZone.records.filter(({ name }) => name.startsWith('eu.'));
    const found = await readTwice(({ store }) => {
      const submitted = store.submit(
        [
          { action: 'CREATE', record: values('new', '127.3.0.1') },
          ...(eu === undefined ? [] : [{ action: 'UPSERT', record: { ...eu, healthCheckId: null } } as const]),
        ],
        null,
      );
      expect(submitted.ok).toBe(true);
      const [check] = store.healthChecks();
      if (check !== undefined) store.putHealthCheck({ ...check, version: 9, failureThreshold: 9 });
    });
    expect(found.map(({ name, found: what, state }) => [name, what, state])).toEqual([
      ['eu.agent.test. A', 'changed by somebody else', 'changed'],
      ['new.agent.test. A', 'new', 'changed'],
      ['health check 127.1.0.1', 'changed by somebody else', 'changed'],
    ]);
  });

  test('and where all is as it was, also after writes that put it back, there is nothing to say', async () => {
    expect(
      await readTwice(({ store }) => {
        for (const check of store.healthChecks()) store.putHealthCheck({ ...check, version: check.version + 2 });
      }),
    ).toEqual([]);
  });

  test('of very many the first twenty are named', async () => {
    const found = await readTwice(({ store }) => {
      const records = Array.from({ length: 50 }, (_, index) => values(`n${index}`, '127.3.0.1'));
      store.submit(
        records.map((record) => ({ action: 'CREATE', record })),
        null,
      );
    });
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toMatchObject({ name: 'of agent.test.', found: '30 more changed' });
  });

  test('a zone that can no longer be read is not known', async () => {
    let lab: Awaited<ReturnType<typeof startApi>> | undefined;
    const found = await readTwice((running) => {
      lab = running;
      void running.api.close();
    });
    expect(lab).toBeDefined();
    expect(found).toMatchObject([
      { part: 'zone records', state: 'unknown', found: expect.stringMatching(/^not read again: Route 53/) },
    ]);
  });
});
