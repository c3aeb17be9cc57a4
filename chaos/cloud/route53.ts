import type { GetHealthCheckStatusCommandOutput, Route53Client } from '@aws-sdk/client-route-53';
import { type Clock, sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import type { CheckerReport, HealthCheck, RecordSet, Zone } from '../../zone/records.ts';
import type { ZoneReader } from '../zone-reader.ts';
import { healthCheckOf, qualified, recordSetOf } from './route53/convert.ts';
import { pace } from './route53/pace.ts';
import { isThrottled, zoneTrouble } from './route53/trouble.ts';

/** Route 53 allows an account five requests a second over the whole API. */
const requestsPerSecond = 5;
const callLimitMs = 10_000;
/** Others may use up the account's requests too: waits before the next attempts at what is read once. */
const throttledWaitsMs: readonly number[] = [500, 1_000, 2_000, 3_000];

/**
 * The zone as its API tells it, within five requests a second. Endpoint, region and credentials come from AWS's own
 * variables. The SDK is loaded here and nowhere else.
 */
export async function route53(zoneId: string, clock: Clock): Promise<ZoneReader> {
  const sdk = await import('@aws-sdk/client-route-53');
  const client: Route53Client = new sdk.Route53Client({ maxAttempts: 1, region: 'us-east-1' });
  const call = caller(zoneId, clock);

  async function records(signal: AbortSignal): Promise<readonly RecordSet[]> {
    const found: RecordSet[] = [];
    let from: object = {};
    for (;;) {
      const input = { HostedZoneId: zoneId, ...from };
      const page = await call.patiently('the records of the zone', signal, (abortSignal) =>
        client.send(new sdk.ListResourceRecordSetsCommand(input), { abortSignal }),
      );
      found.push(...(page.ResourceRecordSets ?? []).map(recordSetOf).filter((record) => record !== undefined));
      if (page.IsTruncated !== true) return found;
      from = {
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        ...(page.NextRecordIdentifier === undefined ? {} : { StartRecordIdentifier: page.NextRecordIdentifier }),
      };
    }
  }

  return {
    async zone(signal): Promise<Zone> {
      const answer = await call.patiently('the zone', signal, (abortSignal) =>
        client.send(new sdk.GetHostedZoneCommand({ Id: zoneId }), { abortSignal }),
      );
      const name = qualified(answer.HostedZone?.Name ?? '');
      const nameservers = answer.DelegationSet?.NameServers ?? [];
      return { id: zoneId, name, nameservers, records: await records(signal) };
    },
    async healthChecks(signal): Promise<readonly HealthCheck[]> {
      const found: HealthCheck[] = [];
      let marker: string | undefined;
      for (;;) {
        const input = marker === undefined ? {} : { Marker: marker };
        const page = await call.patiently('the health checks', signal, (abortSignal) =>
          client.send(new sdk.ListHealthChecksCommand(input), { abortSignal }),
        );
        found.push(...(page.HealthChecks ?? []).map(healthCheckOf));
        if (page.IsTruncated !== true) return found;
        marker = page.NextMarker;
      }
    },
    async status(healthCheckId, signal): Promise<readonly CheckerReport[]> {
      // Asked again soon anyway: an attempt of its own each time keeps its two instants close together.
      const answer = await call.once(`the status of health check ${healthCheckId}`, signal, (abortSignal) =>
        client.send(new sdk.GetHealthCheckStatusCommand({ HealthCheckId: healthCheckId }), { abortSignal }),
      );
      return reportsOf(answer);
    },
    close: () => client.destroy(),
  };
}

type Work<T> = (signal: AbortSignal) => Promise<T>;

/** Makes each request in its turn, with a deadline, and says in one sentence what went wrong. */
function caller(zoneId: string, clock: Clock) {
  const turn = pace(requestsPerSecond, clock);

  async function once<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T> {
    await turn(signal);
    try {
      return await within(clock, callLimitMs, signal, work);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw zoneTrouble(error, asked, zoneId);
    }
  }

  /** Again after each wait while Route 53 says that the account asks too often. */
  async function patiently<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T> {
    for (const waitMs of throttledWaitsMs) {
      try {
        return await once(asked, signal, work);
      } catch (error) {
        if (!isThrottled(error)) throw error;
      }
      await sleep(clock, waitMs, signal);
    }
    return await once(asked, signal, work);
  }

  return { once, patiently };
}

function reportsOf(answer: GetHealthCheckStatusCommandOutput): readonly CheckerReport[] {
  return (answer.HealthCheckObservations ?? []).map((observation) => {
    const status = observation.StatusReport?.Status ?? '';
    return {
      region: observation.Region ?? '',
      address: observation.IPAddress ?? '',
      // The text is free; only its beginning says anything.
      healthy: status.startsWith('Success:'),
      status,
      checkedAtMs: observation.StatusReport?.CheckedTime?.getTime() ?? 0,
    };
  });
}
