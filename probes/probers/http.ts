import { formatHostPort } from '../../contract/address.ts';
import type { Check, Identity } from '../../contract/check.ts';
import type { Details, Observation } from '../../contract/result.ts';
import { type AnswerSeen, unmet } from '../http/expectations.ts';
import { type Fetched, fetchOnce } from '../http/fetch.ts';
import { needsJourney, requestOf } from '../http/journey/from-check.ts';
import { portOf } from '../http/journey/places.ts';
import { type Hop, type Journey, type JourneyResponse, journey } from '../http/journey.ts';
import type { HttpResponse } from '../http/response.ts';
import { servedByOf } from '../http/served-by.ts';
import { type Failure, maxReasonLength, type ProbeContext, shown } from '../prober.ts';

/** One request, over a connection of its own or over `context.kept`; or one journey, where the check wants more. */
export async function probeHttp(check: Check<'http'>, context: ProbeContext): Promise<Observation> {
  if (needsJourney(check)) return probeJourney(check, context);
  const fetched = await fetchOnce(check, context);
  return observationOf(fetched, check, context, (response) =>
    unmet(check.expect, seenIn(response), context.clock.wallMs()),
  );
}

async function probeJourney(check: Check<'http'>, context: ProbeContext): Promise<Observation> {
  const request = await requestOf(check, context.secrets);
  if ('mistake' in request) {
    const failure = { failedAt: 'agent', reason: request.mistake } as const;
    return { durationMs: 0, phases: {}, region: check.region, ...failed(failure), servedBy: null, details: {} };
  }
  const made = await journey(request, context);
  const last = made.hops.at(-1);
  const ip = last?.ip ?? null;
  const region = (ip === null ? null : context.regionOf(ip)) ?? check.region;
  const { durationMs, phases } = made;
  const about = { durationMs, phases, region, details: detailsOfJourney(made, check.identity) };
  const seen = made.response === null ? undefined : seenAtEnd(made.response, last);
  if (made.failure !== null || seen === undefined) {
    const failure = made.failure ?? { failedAt: 'agent', reason: 'no answer and no failure' };
    return { ...about, ...failed(failure), servedBy: null };
  }
  const servedBy = servedByOf(check.identity, seen);
  const reason = unmet(check.expect, seen, context.clock.wallMs());
  return reason === undefined
    ? { ...about, outcome: 'good', servedBy }
    : { ...about, ...failed({ failedAt: 'answer', reason }), servedBy };
}

function detailsOfJourney({ hops, response }: Journey, identity: Identity): Details {
  const last = hops.at(-1);
  const url = last === undefined ? null : URL.parse(last.url);
  const [storedIn, requestId] = [identity.storedIn, 'x-request-id'].map((name) =>
    name === null ? undefined : response?.headers.get(name.toLowerCase())?.join(', '),
  );
  return {
    ...(last?.ip && url !== null ? { address: formatHostPort({ host: last.ip, port: portOf(url) }) } : {}),
    ...(response === null ? {} : { status: response.status }),
    ...(storedIn ? { storedIn: shown(storedIn) } : {}),
    ...(requestId ? { requestId: shown(requestId) } : {}),
    ...(hops.length < 2
      ? {}
      : { extra: { hops: hops.map(({ url: at, status, phases }) => ({ url: at, status, ...phases })) } }),
  };
}

function seenAtEnd(response: JourneyResponse, last: Hop | undefined): AnswerSeen {
  const { status, version, headers, body, whole } = response;
  return {
    ...{ status, version, body, whole, tls: last?.tls ?? null },
    header: (name) => headers.get(name) ?? [],
    headerNames: () => headers.keys(),
  };
}

/** What was fetched as an observation, good unless `judge` says what is wrong with the response. */
export function observationOf(
  fetched: Fetched,
  check: { readonly region: string | null; readonly identity: Identity },
  context: ProbeContext,
  judge: (response: HttpResponse) => string | undefined,
): Observation {
  const { outcome, ip, phases, durationMs } = fetched;
  const region = (ip === null ? null : context.regionOf(ip)) ?? check.region;
  const about = { durationMs, phases, region };
  if (!outcome.ok) {
    return { ...about, ...failed(outcome.failure), servedBy: null, details: detailsOf(fetched, check.identity) };
  }
  const servedBy = servedByOf(check.identity, seenIn(outcome.response));
  const details = detailsOf(fetched, check.identity, outcome.response);
  const reason = judge(outcome.response);
  return reason === undefined
    ? { ...about, outcome: 'good', servedBy, details }
    : { ...about, ...failed({ failedAt: 'answer', reason }), servedBy, details };
}

/** An attempt that failed at the agent itself says nothing about the target. */
export function failed(failure: Failure): Pick<Observation, 'outcome'> & Failure {
  const reason = failure.reason.slice(0, maxReasonLength);
  return { outcome: failure.failedAt === 'agent' ? 'missing' : 'bad', failedAt: failure.failedAt, reason };
}

function detailsOf(fetched: Fetched, identity: Identity, response?: HttpResponse): Details {
  const { address, line } = fetched;
  const storedIn = response === undefined ? undefined : headerOf(response, identity.storedIn);
  const requestId = response === undefined ? undefined : headerOf(response, 'x-request-id');
  return {
    ...(address === null ? {} : { address }),
    ...(response === undefined ? {} : { status: response.status }),
    ...(storedIn === undefined ? {} : { storedIn }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(line === null ? {} : { connection: line.number, connectedAtMs: line.openedAtMs }),
  };
}

export function headerOf(response: HttpResponse, name: string | null): string | undefined {
  const value = name === null ? undefined : response.headers.get(name.toLowerCase());
  return value === undefined || value === '' ? undefined : shown(value);
}

/** An answer over HTTP/1.1 on a connection that nobody asked about. */
function seenIn(response: HttpResponse): AnswerSeen {
  return {
    status: response.status,
    version: '1.1',
    header(name) {
      const value = response.headers.get(name);
      return value === undefined ? [] : [value];
    },
    headerNames: () => response.headers.keys(),
    body: response.body,
    whole: false,
    tls: null,
  };
}
