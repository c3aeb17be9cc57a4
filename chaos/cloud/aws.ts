import type { Clock } from '../../contract/clock.ts';
import type { Account } from '../account.ts';
import { awsSchedules } from './aws/schedules.ts';
import { awsServices } from './aws/services.ts';
import { awsSession } from './aws/session.ts';
import { type AwsZone, awsZone } from './aws/zone.ts';

/** A zone in AWS is read for more than faults. */
export type Aws = Omit<Account, 'zone'> & { zone(id: string, role: string | null): Promise<AwsZone> };

/** All of AWS that drills ask, in one session: each client is made when it is first asked for. */
export function aws(clock: Clock): Aws {
  const session = awsSession(clock);
  const opened = new Map<string, Promise<{ close(): void }>>();

  function once<T extends { close(): void }>(key: readonly unknown[], open: () => Promise<T>): Promise<T> {
    const name = JSON.stringify(key);
    const known = opened.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const made = open();
    opened.set(name, made);
    return made;
  }

  return {
    zone: (id, role) => once(['zone', id, role], () => awsZone(session, { id, role })),
    services: (place) => once(['ecs', place.region, place.role], () => awsServices(session, place)),
    schedules: (place) => once(['scheduler', place.region, place.role], () => awsSchedules(session, place)),
    close() {
      for (const one of opened.values()) void one.then((client) => client.close()).catch(() => undefined);
      opened.clear();
    },
  };
}
