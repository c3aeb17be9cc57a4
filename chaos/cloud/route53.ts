import type {
  GetHealthCheckStatusCommandOutput,
  ListResourceRecordSetsCommandInput,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { type Clock, sleep } from '../../contract/clock.ts';
import { DeadlineExceeded, within } from '../../contract/deadline.ts';
import { canonicalJson } from '../../contract/json.ts';
import type { CheckerReport, HealthCheck, RecordSet, Zone } from '../../zone/records.ts';
import { Trouble } from '../trouble.ts';
import type { ZoneReader } from '../zone-reader.ts';
import { healthCheckOf, qualified, recordSetOf } from './route53/convert.ts';
import { pace } from './route53/pace.ts';
import { isThrottled, zoneTrouble } from './route53/trouble.ts';

/** Route 53 allows an account five requests a second over the whole API. */
const requestsPerSecond = 5;
const callLimitMs = 10_000;
/** Others may use up the account's requests too: waits before the next attempts at what is read once. */
const throttledWaitsMs: readonly number[] = [500, 1_000, 2_000, 3_000];
/** Of one reading, over all its pages: an account that is throttled throughout is said to be, within a minute. */
const mostThrottledMs = 30_000;
/** Of one reading with all its pages: ten thousand records take some ten seconds. */
const readingLimitMs = 60_000;
/** Of 300 record sets, or 100 health checks: three times what Route 53 lets a zone hold without being asked. */
const mostPages = 100;

/**
 * The zone as its API tells it, within five requests a second. Endpoint, region and credentials come from AWS's own
 * variables. The SDK is loaded here and nowhere else.
 */
export async function route53(zoneId: string, clock: Clock): Promise<ZoneReader> {
  const sdk = await import('@aws-sdk/client-route-53');
  const client: Route53Client = new sdk.Route53Client({ maxAttempts: 1, region: 'us-east-1' });
  const call = caller(zoneId, clock);

  async function records(patience: Patience, signal: AbortSignal): Promise<readonly RecordSet[]> {
    type From = Pick<ListResourceRecordSetsCommandInput, `StartRecord${'Name' | 'Type' | 'Identifier'}`>;
    return await call.pages<RecordSet, From>('the records of the zone', async (from) => {
      const input = { HostedZoneId: zoneId, ...from };
      const page = await call.patiently('the records of the zone', patience, signal, (abortSignal) =>
        client.send(new sdk.ListResourceRecordSetsCommand(input), { abortSignal }),
      );
      const next = {
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        ...(page.NextRecordIdentifier === undefined ? {} : { StartRecordIdentifier: page.NextRecordIdentifier }),
      };
      const items = (page.ResourceRecordSets ?? []).map(recordSetOf).filter((record) => record !== undefined);
      return { items, next: page.IsTruncated === true ? next : null };
    });
  }

  async function healthChecks(signal: AbortSignal): Promise<readonly HealthCheck[]> {
    const patience = newPatience();
    return await call.pages<HealthCheck, { readonly Marker?: string | undefined }>(
      'the health checks',
      async (from) => {
        const page = await call.patiently('the health checks', patience, signal, (abortSignal) =>
          client.send(new sdk.ListHealthChecksCommand(from), { abortSignal }),
        );
        const more = page.IsTruncated === true && page.NextMarker !== undefined;
        return { items: (page.HealthChecks ?? []).map(healthCheckOf), next: more ? { Marker: page.NextMarker } : null };
      },
    );
  }

  return {
    async zone(signal): Promise<Zone> {
      return await call.whole('the zone and its records', signal, async (inTime) => {
        const patience = newPatience();
        const answer = await call.patiently('the zone', patience, inTime, (abortSignal) =>
          client.send(new sdk.GetHostedZoneCommand({ Id: zoneId }), { abortSignal }),
        );
        const name = qualified(answer.HostedZone?.Name ?? '');
        const nameservers = answer.DelegationSet?.NameServers ?? [];
        const isPrivate = answer.HostedZone?.Config?.PrivateZone === true ? { isPrivate: true } : {};
        return { id: zoneId, name, ...isPrivate, nameservers, records: await records(patience, inTime) };
      });
    },
    healthChecks: (signal) => call.whole('the health checks', signal, healthChecks),
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

/** How long one reading may still wait for the account's requests. */
type Patience = { leftMs: number };
const newPatience = (): Patience => ({ leftMs: mostThrottledMs });

type Page<T, From> = { readonly items: readonly T[]; readonly next: From | null };
type Work<T> = (signal: AbortSignal) => Promise<T>;

/** Makes each request in its turn, with a deadline, and says in one sentence what went wrong. */
function caller(zoneId: string, clock: Clock) {
  const turn = pace(requestsPerSecond, clock);

  async function once<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T> {
    await turn(signal);
    try {
      return await within(clock, callLimitMs, signal, async (inner) => {
        try {
          return await work(inner);
        } catch (error) {
          // The SDK says only that it was aborted, not why.
          throw inner.aborted ? inner.reason : error;
        }
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw zoneTrouble(error, asked, zoneId);
    }
  }

  /** Again after each wait while Route 53 says that the account asks too often. */
  async function patiently<T>(asked: string, patience: Patience, signal: AbortSignal, work: Work<T>): Promise<T> {
    for (const waitMs of throttledWaitsMs) {
      try {
        return await once(asked, signal, work);
      } catch (error) {
        if (!isThrottled(error) || patience.leftMs < waitMs) throw error;
      }
      patience.leftMs -= waitMs;
      await sleep(clock, waitMs, signal);
    }
    return await once(asked, signal, work);
  }

  /** All pages; a list that is longer than any, or that comes back to where it was, is not read to its end. */
  async function pages<T, From extends object>(
    asked: string,
    page: (from: From | Record<never, never>) => Promise<Page<T, From>>,
  ): Promise<readonly T[]> {
    const found: T[] = [];
    let from: From | Record<never, never> = {};
    for (let read = 0; read < mostPages; read += 1) {
      const { items, next }: Page<T, From> = await page(from);
      for (const item of items) found.push(item);
      if (next === null) return found;
      if (canonicalJson(next) === canonicalJson(from)) {
        throw new Trouble('rejected', `Route 53, zone ${zoneId}: ${asked}: its next page is the one it just gave`);
      }
      from = next;
    }
    const got = `more than ${mostPages} pages, ${found.length} so far`;
    throw new Trouble('rejected', `Route 53, zone ${zoneId}: ${asked}: got ${got}, which is too many to predict from`);
  }

  /** A reading of many requests, each of them in time, has to be in time too. */
  async function whole<T>(asked: string, signal: AbortSignal, work: Work<T>): Promise<T> {
    try {
      return await within(clock, readingLimitMs, signal, work);
    } catch (error) {
      throw error instanceof DeadlineExceeded ? zoneTrouble(error, asked, zoneId) : error;
    }
  }

  return { once, patiently, pages, whole };
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
