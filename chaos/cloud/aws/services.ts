import type { ECSClient } from '@aws-sdk/client-ecs';
import type { AwsPlace, Services } from '../../account.ts';
import { Trouble } from '../../trouble.ts';
import { caller } from './call.ts';
import type { AwsSession } from './session.ts';

/** ECS in one region. The SDK is loaded here. */
export async function awsServices(session: AwsSession, place: AwsPlace): Promise<Services & { close(): void }> {
  const sdk = await import('@aws-sdk/client-ecs');
  const client: ECSClient = new sdk.ECSClient(await session.configOf(place));
  const call = caller(`ECS in ${place.region}`, session.clock);
  return {
    async service({ cluster, service }, signal) {
      const input = { cluster, services: [service], include: ['TAGS' as const] };
      const answer = await call.patiently(`service ${cluster}/${service}`, signal, (abortSignal) =>
        client.send(new sdk.DescribeServicesCommand(input), { abortSignal }),
      );
      const found = answer.services?.[0];
      const failure = answer.failures?.[0];
      if (found === undefined && failure?.reason !== undefined && failure.reason !== 'MISSING') {
        throw new Trouble('rejected', `ECS in ${place.region}: service ${cluster}/${service}: ${failure.reason}`);
      }
      if (found === undefined || found.status !== 'ACTIVE') return null;
      const primary = found.deployments?.find(({ status }) => status === 'PRIMARY');
      return {
        arn: found.serviceArn ?? '',
        desiredCount: found.desiredCount ?? 0,
        runningCount: found.runningCount ?? 0,
        deployment: primary?.id ?? '',
        strategy: found.schedulingStrategy ?? 'REPLICA',
        tags: Object.fromEntries((found.tags ?? []).map(({ key = '', value = '' }) => [key, value])),
      };
    },
    async setCount({ cluster, service }, desiredCount, signal) {
      await call.patiently(`the count of ${cluster}/${service}`, signal, (abortSignal) =>
        client.send(new sdk.UpdateServiceCommand({ cluster, service, desiredCount }), { abortSignal }),
      );
    },
    async tag(resourceArn, { key, value }, signal) {
      await call.patiently(`tag ${key} of ${resourceArn}`, signal, async (abortSignal) => {
        if (value === null) {
          await client.send(new sdk.UntagResourceCommand({ resourceArn, tagKeys: [key] }), { abortSignal });
        } else {
          await client.send(new sdk.TagResourceCommand({ resourceArn, tags: [{ key, value }] }), { abortSignal });
        }
      });
    },
    close: () => client.destroy(),
  };
}
