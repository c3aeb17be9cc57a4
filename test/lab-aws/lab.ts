/** The stand-ins for ECS, schedules and roles on one port, beside the lab's Route 53, and AWS's variables that lead there. */
import { vi } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { awsApi } from '../../lab/aws/api.ts';
import { ecsStore } from '../../lab/aws/ecs.ts';
import { schedulerStore } from '../../lab/aws/scheduler.ts';
import { universalTargets } from '../../lab/aws/universal.ts';
import { startApi } from '../lab-route53/lab.ts';

export const drillRole = 'arn:aws:iam::000000000001:role/drills';
/** In the same account as the first. */
export const readerRole = 'arn:aws:iam::000000000001:role/readers';
export const undoRole = 'arn:aws:iam::000000000001:role/undo';

export async function startAws(options: Parameters<typeof startApi>[0] = {}) {
  const clock = systemClock();
  const route53 = await startApi(options);
  const ecs = ecsStore('eu-west-1', [{ cluster: 'agents', name: 'api', desiredCount: 3 }]);
  const scheduler = schedulerStore({ region: 'eu-west-1', targets: universalTargets(ecs, route53.store) }, clock);
  const api = await awsApi(
    { listen: { host: '127.0.0.1', port: 0 }, ecs, scheduler, roles: [drillRole, readerRole] },
    { clock },
  );
  vi.stubEnv('AWS_ENDPOINT_URL_ROUTE_53', route53.api.url);
  for (const service of ['ECS', 'SCHEDULER', 'STS']) vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, api.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'lab');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'lab');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  async function close(): Promise<void> {
    vi.unstubAllEnvs();
    scheduler.close();
    await api.close();
    await route53.close();
  }
  return { clock, route53, ecs, scheduler, api, close };
}
