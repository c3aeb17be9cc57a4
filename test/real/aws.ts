/** The zone as the AWS SDK tells it, with nothing of ours between. */
import {
  GetHealthCheckStatusCommand,
  GetHostedZoneCommand,
  ListHealthChecksCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { every } from '../../contract/clock.ts';
import type { WorldFile } from '../../lab/world-file.ts';
import { clock } from '../lab/waiting.ts';

/** What the checkers said at once: asked and answered between the two instants. */
export type Look = { readonly fromMs: number; readonly toMs: number; readonly healthy: number; readonly all: number };

export function aws(world: WorldFile) {
  const { endpoint, region, hostedZoneId } = world.route53;
  const credentials = { accessKeyId: 'example', secretAccessKey: 'example' };
  const client = new Route53Client({ endpoint, region, credentials });
  const look = async (healthCheckId: string): Promise<Look> => {
    const fromMs = clock.nowMs();
    const answer = await client.send(new GetHealthCheckStatusCommand({ HealthCheckId: healthCheckId }));
    const statuses = (answer.HealthCheckObservations ?? []).map(({ StatusReport }) => StatusReport?.Status ?? '');
    const healthy = statuses.filter((status) => status.startsWith('Success')).length;
    return { fromMs, toMs: clock.nowMs(), healthy, all: statuses.length };
  };
  return {
    look,
    zone: () => client.send(new GetHostedZoneCommand({ Id: hostedZoneId })),
    records: () => client.send(new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId })),
    healthChecks: () => client.send(new ListHealthChecksCommand({})),
    /** Looks about twice a second, until it is told to stop. */
    follow(healthCheckId: string): { readonly looks: readonly Look[]; stop(): void } {
      const looks: Look[] = [];
      const stop = every(
        clock,
        lookEveryMs,
        async () => void looks.push(await look(healthCheckId)),
        () => undefined,
      );
      return { looks, stop };
    },
    close: () => client.destroy(),
  };
}

/** The API allows five requests a second, and the stopwatch asks it too. */
const lookEveryMs = 500;
