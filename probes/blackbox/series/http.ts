/** `prober: http`: one request, with all that it redirects to. */

import type { Hop, Journey } from '../../http/journey.ts';
import type { HttpModule } from '../config/module.ts';
import type { ProbeMetrics } from '../metrics.ts';
import { choose, type ModuleProbe, type Run } from '../run.ts';
import { parseUrlTarget } from '../target.ts';
import { isWanted } from './http-answer.ts';
import { seenBody } from './http-body.ts';
import { httpRequest, materialOf } from './http-request.ts';
import { tlsSeries } from './tls.ts';

const duration = 'probe_http_duration_seconds';

export const probeHttp: ModuleProbe = async (target, { http }, run) => {
  const { metrics, log, engines, context } = run;
  declare(http, metrics);
  const url = parseUrlTarget(target);
  if (!url.ok) {
    log.error('Could not parse target URL', { err: url.mistake });
    return false;
  }
  let address: string | null = null;
  if (!leavesNamesToProxy(http)) {
    const chosen = await choose(url.value.hostname, http, run);
    metrics.add(duration, chosen.seconds, { phase: 'resolve' });
    if (chosen.address === null) return false;
    address = chosen.address;
  }
  if (http.enableHttp3) {
    log.error('Error for HTTP request', { err: 'HTTP/3 is not spoken here' });
    return false;
  }
  const material = await materialOf(http, run.environmentProxy);
  for (const phase of ['connect', 'tls', 'processing', 'transfer']) metrics.set(duration, 0, { phase });
  const request = await httpRequest(http, url.value, address, material);
  const journey = await engines.journey(request, context);
  for (const line of journey.transcript) log.debug(line);
  phases(journey.hops, metrics);
  return answered(journey, http, run);
};

function declare(http: HttpModule, metrics: ProbeMetrics): void {
  metrics.declare(
    'probe_http_content_length',
    'probe_http_uncompressed_body_length',
    'probe_http_redirects',
    'probe_http_ssl',
    'probe_http_status_code',
    'probe_http_version',
    'probe_failed_due_to_regex',
  );
  if (http.failIfBodyJsonMatchesCel !== null || http.failIfBodyJsonNotMatchesCel !== null) {
    metrics.declare('probe_failed_due_to_cel');
  }
}

function leavesNamesToProxy(http: HttpModule): boolean {
  return http.skipResolvePhaseWithProxy && (http.proxyUrl !== null || http.proxyFromEnvironment);
}

/** The first name was looked up before the journey. */
function phases(hops: readonly Hop[], metrics: ProbeMetrics): void {
  for (const [index, { phases: of }] of hops.entries()) {
    if (index > 0) metrics.add(duration, of.resolveMs / 1_000, { phase: 'resolve' });
    metrics.add(duration, of.connectMs / 1_000, { phase: 'connect' });
    metrics.add(duration, of.tlsMs / 1_000, { phase: 'tls' });
    metrics.add(duration, of.processingMs / 1_000, { phase: 'processing' });
    metrics.add(duration, of.transferMs / 1_000, { phase: 'transfer' });
  }
}

async function answered(journey: Journey, http: HttpModule, { metrics, log, context }: Run): Promise<boolean> {
  const { response, hops, failure } = journey;
  const wasStopped = response !== null && isRedirect(response);
  // A redirect to where nobody can go is no answer, and one to what is no URL is not even a redirect.
  const isNowhere = wasStopped && failure !== null;
  const isNoUrl = isNowhere && !URL.canParse(locationOf(response), hops.at(-1)?.url);
  metrics.set('probe_http_redirects', journey.redirects - Number(isNoUrl));
  if (response === null || isNowhere) {
    log.error('Error for HTTP request', { err: failure?.reason ?? 'no answer' });
    return false;
  }
  const body = wasStopped ? null : await seenBody(response, http, failure?.reason ?? null, context.ending);
  const version = response.version === '2' ? 'HTTP/2.0' : `HTTP/${response.version}`;
  const seen = { status: response.status, headers: response.headers, version, body };
  let success = isWanted(seen, { http, metrics, log });
  metrics.set('probe_http_status_code', response.status);
  metrics.set('probe_http_version', Number(response.version));
  metrics.set('probe_http_content_length', response.contentLength);
  metrics.set('probe_http_uncompressed_body_length', body?.length ?? 0);
  lastModified(response.headers.get('last-modified')?.[0], metrics);
  const tls = hops.at(-1)?.tls ?? null;
  if (tls !== null) {
    metrics.set('probe_http_ssl', 1);
    tlsSeries(metrics, tls, 'http');
    if (http.failIfSsl) {
      log.error('Final request was over SSL');
      success = false;
    }
  } else if (http.failIfNotSsl && success) {
    log.error('Final request was not over SSL');
    success = false;
  }
  return success;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The journey ended with it because it was not to go on. */
function isRedirect(response: Response): boolean {
  return redirects.has(response.status) && locationOf(response) !== '';
}

type Response = NonNullable<Journey['response']>;

function locationOf({ headers }: Response): string {
  return headers.get('location')?.[0] ?? '';
}

/** One of HTTP's three forms of a date; all of them are in GMT. */
const dates =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|[A-Z][a-z]+, \d{2}-[A-Z][a-z]{2}-\d{2} [\d:]{8} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})$/;

function lastModified(text: string | undefined, metrics: ProbeMetrics): void {
  if (text === undefined || !dates.test(text)) return;
  const atMs = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  if (!Number.isNaN(atMs)) metrics.set('probe_http_last_modified_timestamp_seconds', Math.floor(atMs / 1_000));
}
