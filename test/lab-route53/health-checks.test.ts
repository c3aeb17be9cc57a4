import {
  CreateHealthCheckCommand,
  DeleteHealthCheckCommand,
  GetCheckerIpRangesCommand,
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  ListHealthChecksCommand,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53';
import { afterEach, describe, expect, test } from 'vitest';
import { startApi } from './lab.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
async function start() {
  const lab = await startApi();
  closing.push(lab.close);
  return lab;
}

describe('health checks, with the AWS SDK', () => {
  test('settings are read as they are', async () => {
    const { client } = await start();
    const { HealthCheck: check } = await client.send(new GetHealthCheckCommand({ HealthCheckId: '127.1.0.1' }));
    expect(check).toMatchObject({
      HealthCheckVersion: 1,
      HealthCheckConfig: {
        Type: 'HTTPS',
        IPAddress: '127.1.0.1',
        Port: 40_443,
        RequestInterval: 1,
        FailureThreshold: 3,
      },
    });
    const first = await client.send(new ListHealthChecksCommand({ MaxItems: 2 }));
    const second = await client.send(new ListHealthChecksCommand({ Marker: first.NextMarker }));
    expect([first.HealthChecks?.length, first.IsTruncated, second.HealthChecks?.length]).toEqual([2, true, 1]);
  });

  test('the status has sixteen observations, told apart by their prefix', async () => {
    const { client, sick } = await start();
    const statuses = async (): Promise<string[]> => {
      const got = await client.send(new GetHealthCheckStatusCommand({ HealthCheckId: '127.1.0.1' }));
      return (got.HealthCheckObservations ?? []).map((one) => one.StatusReport?.Status?.split(':')[0] ?? '');
    };
    expect(await statuses()).toEqual(Array(16).fill('Success'));
    sick.add('127.1.0.1');
    expect(await statuses()).toEqual(Array(16).fill('Failure'));
    const ranges = await client.send(new GetCheckerIpRangesCommand({}));
    expect(ranges.CheckerIpRanges).toHaveLength(16);
  });

  test('one is made, changed and taken away', async () => {
    const { client, store } = await start();
    const made = await client.send(
      new CreateHealthCheckCommand({
        CallerReference: 'mine',
        HealthCheckConfig: { Type: 'HTTP', IPAddress: '127.1.0.1', Port: 80, ResourcePath: '/up', RequestInterval: 10 },
      }),
    );
    const id = made.HealthCheck?.Id ?? '';
    expect(made.$metadata.httpStatusCode).toBe(201);
    expect(store.healthChecks().find((check) => check.id === id)).toMatchObject({ path: '/up', failureThreshold: 3 });
    const update = (HealthCheckVersion: number) =>
      client.send(
        new UpdateHealthCheckCommand({ HealthCheckId: id, HealthCheckVersion, FailureThreshold: 1, Inverted: true }),
      );
    expect((await update(1)).HealthCheck).toMatchObject({
      HealthCheckVersion: 2,
      CallerReference: 'mine',
      HealthCheckConfig: { FailureThreshold: 1, Inverted: true, ResourcePath: '/up' },
    });
    await expect(update(1)).rejects.toMatchObject({ name: 'HealthCheckVersionMismatch' });
    await client.send(new DeleteHealthCheckCommand({ HealthCheckId: id }));
    await expect(client.send(new GetHealthCheckCommand({ HealthCheckId: id }))).rejects.toMatchObject({
      name: 'NoSuchHealthCheck',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('the same reference makes the same check, or none', async () => {
    const { client } = await start();
    const create = (port: number) =>
      client.send(
        new CreateHealthCheckCommand({
          CallerReference: 'mine',
          HealthCheckConfig: { Type: 'TCP', IPAddress: '127.1.0.1', Port: port },
        }),
      );
    const id = (await create(80)).HealthCheck?.Id;
    expect((await create(80)).HealthCheck?.Id).toBe(id);
    await expect(create(81)).rejects.toMatchObject({ name: 'HealthCheckAlreadyExists' });
  });

  test('settings that cannot be are refused, all of them named', async () => {
    const { client } = await start();
    const made = client.send(
      new CreateHealthCheckCommand({
        CallerReference: 'odd',
        HealthCheckConfig: { Type: 'HTTP', RequestInterval: 70, FailureThreshold: 99 },
      }),
    );
    await expect(made).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/IPAddress.*FailureThreshold 99.*RequestInterval 70/),
    });
  });

  test('the status of a calculated check is not to be had, and its children stay', async () => {
    const { client } = await start();
    const made = await client.send(
      new CreateHealthCheckCommand({
        CallerReference: 'sum',
        HealthCheckConfig: { Type: 'CALCULATED', ChildHealthChecks: ['127.1.0.1', '127.2.0.1'], HealthThreshold: 1 },
      }),
    );
    const id = made.HealthCheck?.Id ?? '';
    expect(made.HealthCheck?.HealthCheckConfig?.ChildHealthChecks).toEqual(['127.1.0.1', '127.2.0.1']);
    await expect(client.send(new GetHealthCheckStatusCommand({ HealthCheckId: id }))).rejects.toMatchObject({
      name: 'InvalidInput',
    });
    await expect(client.send(new DeleteHealthCheckCommand({ HealthCheckId: '127.1.0.1' }))).rejects.toMatchObject({
      name: 'HealthCheckInUse',
    });
  });
});
