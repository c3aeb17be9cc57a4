import type { Clock } from '../../contract/clock.ts';
import { awsSession } from './aws/session.ts';
import { type AwsZone, awsZone } from './aws/zone.ts';

/**
 * The zone as its API tells it, within five requests a second and account. Endpoint, region and credentials come from
 * AWS's own variables. The SDK is loaded when this is called. Who asks several zones, or in several roles, shares one
 * `session` among them.
 */
export function route53(
  zone: string | { readonly id: string; readonly role: string | null },
  clock: Clock,
  session = awsSession(clock),
): Promise<AwsZone> {
  return awsZone(session, typeof zone === 'string' ? { id: zone, role: null } : zone);
}
