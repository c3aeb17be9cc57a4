import type { Check, Identity } from '../../contract/check.ts';
import type { Details, Observation } from '../../contract/result.ts';
import { type AnswerSeen, unmet } from '../http/expectations.ts';
import { type Fetched, fetchOnce } from '../http/fetch.ts';
import type { HttpResponse } from '../http/response.ts';
import { servedByOf } from '../http/served-by.ts';
import { type Failure, maxReasonLength, type ProbeContext, shown } from '../prober.ts';

/** One request, over a connection of its own or over `context.kept`. Redirects are answers: they are not followed. */
export async function probeHttp(check: Check<'http'>, context: ProbeContext): Promise<Observation> {
  const fetched = await fetchOnce(check, context);
  return observationOf(fetched, check, context, (response) =>
    unmet(check.expect, seenIn(response), context.clock.wallMs()),
  );
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
