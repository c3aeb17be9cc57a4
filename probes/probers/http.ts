import type { Check, Expectation, Identity } from '../../contract/check.ts';
import type { Details, Observation } from '../../contract/result.ts';
import { type Fetched, fetchOnce } from '../http/fetch.ts';
import type { HttpResponse } from '../http/response.ts';
import { type Failure, maxReasonLength, type ProbeContext, shown } from '../prober.ts';

/** One request, over a connection of its own or over `context.kept`. Redirects are answers: they are not followed. */
export async function probeHttp(check: Check<'http'>, context: ProbeContext): Promise<Observation> {
  const fetched = await fetchOnce(check, context);
  return observationOf(fetched, check, context, (response) => mismatch(response, check.expect));
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
  const servedBy = headerOf(outcome.response, check.identity.servedBy) ?? null;
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

/** The first expectation that does not hold, got and want. */
function mismatch(response: HttpResponse, expect: Expectation): string | undefined {
  if (!expect.status.includes(response.status)) {
    return `status: got ${response.status}, want ${statusText(expect.status)}`;
  }
  for (const [name, want] of Object.entries(expect.headers)) {
    const got = response.headers.get(name.toLowerCase());
    if (got !== want) return `header ${name}: got ${got === undefined ? 'none' : shown(got)}, want ${want}`;
  }
  const body = expect.bodyContains.length === 0 ? '' : response.body.toString('utf8');
  for (const want of expect.bodyContains) {
    if (!body.includes(want)) {
      return `body: got ${response.body.length} bytes without ${JSON.stringify(shown(want))}, want it among the first 64 KiB`;
    }
  }
  return undefined;
}

/** `200 to 399 or 451`: runs of three and more as a range. */
function statusText(statuses: readonly number[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const status of statuses.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && status <= last.to + 1) last.to = status;
    else runs.push({ from: status, to: status });
  }
  const texts = runs.map(({ from, to }) =>
    to - from >= 2 ? `${from} to ${to}` : from === to ? `${from}` : `${from} or ${to}`,
  );
  return texts.join(' or ');
}
