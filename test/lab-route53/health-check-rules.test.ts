/** What Route 53 refuses of health checks, asked of the lab's by the real AWS SDK. */
import {
  CreateHealthCheckCommand,
  type CreateHealthCheckCommandInput,
  DeleteHealthCheckCommand,
  GetHealthCheckCommand,
  type HealthCheckConfig,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi } from './lab.ts';

let lab: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  lab = await startApi();
});
afterAll(() => lab.close());

describe('health checks', () => {
  const make = (config: HealthCheckConfig, reference = JSON.stringify(config).slice(0, 60)) => {
    const input: CreateHealthCheckCommandInput = { CallerReference: reference, HealthCheckConfig: config };
    return lab.client.send(new CreateHealthCheckCommand(input));
  };
  const endpoint: HealthCheckConfig = { Type: 'HTTP', IPAddress: '127.1.0.1', Port: 80 };

  test.each<[rule: string, config: HealthCheckConfig, message: RegExp]>([
    ['a type that is none', { Type: 'PING' as 'TCP' }, /got Type PING/],
    ['no endpoint', { Type: 'HTTP' }, /want IPAddress or FullyQualifiedDomainName/],
    ['an address that is none', { ...endpoint, IPAddress: '127.1.0.999' }, /got IPAddress 127.1.0.999/],
    ['a port above 65535', { ...endpoint, Port: 65_536 }, /got Port 65536/],
    ['TCP without a port', { Type: 'TCP', IPAddress: '127.1.0.1' }, /got Port null/],
    [
      'TCP with a path',
      { Type: 'TCP', IPAddress: '127.1.0.1', Port: 80, ResourcePath: '/' },
      /ResourcePath with Type TCP/,
    ],
    ['a match without its text', { ...endpoint, Type: 'HTTP_STR_MATCH' }, /want a SearchString/],
    ['a text without a match', { ...endpoint, SearchString: 'x' }, /SearchString with Type HTTP/],
    ['a text of 256 characters', { ...endpoint, Type: 'HTTP_STR_MATCH', SearchString: 'x'.repeat(256) }, /at most 255/],
    ['a threshold of 0', { ...endpoint, FailureThreshold: 0 }, /got FailureThreshold 0, want 1 to 10/],
    ['an interval of 31 s', { ...endpoint, RequestInterval: 31 }, /got RequestInterval 31, want 10 or 30/],
    ['children of an endpoint', { ...endpoint, ChildHealthChecks: ['127.1.0.1'] }, /ChildHealthChecks with Type HTTP/],
    [
      'a health threshold of 257',
      { Type: 'CALCULATED', ChildHealthChecks: ['127.1.0.1'], HealthThreshold: 257 },
      /got HealthThreshold 257/,
    ],
    [
      'a child that is none',
      { Type: 'CALCULATED', ChildHealthChecks: ['nope'] },
      /child health check nope does not exist/,
    ],
  ])('%s is refused', async (_rule, config, message) => {
    await expect(make(config)).rejects.toMatchObject({ name: 'InvalidInput', message: expect.stringMatching(message) });
  });

  test('a calculated child of a calculated check is refused', async () => {
    const child = (await make({ Type: 'CALCULATED', ChildHealthChecks: ['127.1.0.1'] })).HealthCheck?.Id ?? '';
    const parent = make({ Type: 'CALCULATED', ChildHealthChecks: [child] });
    await expect(parent).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/is calculated/),
    });
  });

  test('a caller’s reference is good for one check: the same again, another never, none once it is deleted', async () => {
    const made = (await make(endpoint, 'mine')).HealthCheck?.Id;
    expect((await make(endpoint, 'mine')).HealthCheck?.Id).toBe(made);
    await expect(make({ ...endpoint, Port: 81 }, 'mine')).rejects.toMatchObject({ name: 'HealthCheckAlreadyExists' });
    await lab.client.send(new DeleteHealthCheckCommand({ HealthCheckId: made }));
    await expect(make(endpoint, 'mine')).rejects.toMatchObject({
      name: 'HealthCheckAlreadyExists',
      $metadata: { httpStatusCode: 409 },
    });
    await expect(make(endpoint, 'x'.repeat(65))).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  test('of two updates that read the same version one is done', async () => {
    const { HealthCheck: check } = await make(endpoint, 'raced');
    const update = (FailureThreshold: number) =>
      lab.client.send(
        new UpdateHealthCheckCommand({
          HealthCheckId: check?.Id,
          HealthCheckVersion: check?.HealthCheckVersion,
          FailureThreshold,
        }),
      );
    const ends = await Promise.allSettled([update(1), update(2)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'HealthCheckVersionMismatch', $metadata: { httpStatusCode: 409 } },
    });
  });

  test('an update that cannot be changes nothing', async () => {
    const { HealthCheck: check } = await make(endpoint, 'kept');
    const update = new UpdateHealthCheckCommand({ HealthCheckId: check?.Id, FailureThreshold: 11 });
    await expect(lab.client.send(update)).rejects.toMatchObject({ name: 'InvalidInput' });
    const after = await lab.client.send(new GetHealthCheckCommand({ HealthCheckId: check?.Id }));
    expect(after.HealthCheck).toEqual(check);
  });

  test('an account has two hundred', async () => {
    while (lab.store.healthChecks().length < 200) await make(endpoint, `many-${lab.store.healthChecks().length}`);
    await expect(make(endpoint, 'one more')).rejects.toMatchObject({ name: 'TooManyHealthChecks' });
  });
});
