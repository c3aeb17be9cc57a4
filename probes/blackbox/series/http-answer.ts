/** Whether an answer is what the module wants, in the order in which blackbox_exporter asks. */
import type { Json } from '../../../contract/json.ts';
import { patternOf } from '../../../contract/pattern.ts';
import { compileCel } from '../config/cel.ts';
import type { HeaderMatch, HttpModule } from '../config/module.ts';
import type { ProbeLog } from '../log.ts';
import type { ProbeMetrics } from '../metrics.ts';
import type { SeenBody } from './http-body.ts';

export type Judged = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** `HTTP/1.1`, `HTTP/2.0`. */
  readonly version: string;
  /** `null`: an answer whose body is not read, a redirect that was not followed. */
  readonly body: SeenBody | null;
};

type Judging = { readonly http: HttpModule; readonly metrics: ProbeMetrics; readonly log: ProbeLog };

/** Sets which kind of expectation it failed by. TLS is asked afterwards. */
export function isWanted(seen: Judged, judging: Judging): boolean {
  const { http, metrics, log } = judging;
  let success = hasStatus(seen.status, http, log);
  const byHeader = http.failIfHeaderMatches.length + http.failIfHeaderNotMatches.length > 0;
  if (success && byHeader) {
    success = haveHeaders(seen.headers, judging);
    metrics.set('probe_failed_due_to_regex', Number(!success));
  }
  if (seen.body?.mispacked !== null && seen.body !== null) {
    log.error('Failed to get decompressor for HTTP response body', { err: seen.body.mispacked });
    success = false;
  }
  if (success && http.failIfBodyMatchesRegexp.length + http.failIfBodyNotMatchesRegexp.length > 0) {
    success = hasText(seen.body, judging);
    metrics.set('probe_failed_due_to_regex', Number(!success));
  }
  if (success && (http.failIfBodyJsonMatchesCel !== null || http.failIfBodyJsonNotMatchesCel !== null)) {
    success = hasFacts(seen.body, judging);
    metrics.set('probe_failed_due_to_cel', Number(!success));
  }
  if (seen.body !== null && seen.body.failure !== null) {
    log.error('Failed to read HTTP response body', { err: seen.body.failure });
    success = false;
  }
  if (http.validHttpVersions.length > 0 && !http.validHttpVersions.includes(seen.version)) {
    log.error('Invalid HTTP version number', { version: seen.version });
    success = false;
  }
  return success;
}

function hasStatus(status: number, { validStatusCodes }: HttpModule, log: ProbeLog): boolean {
  if (validStatusCodes.length === 0) {
    if (status >= 200 && status < 300) return true;
    log.error('Invalid HTTP response status code, wanted 2xx', { status_code: status });
    return false;
  }
  if (validStatusCodes.includes(status)) return true;
  log.error('Invalid HTTP response status code', {
    status_code: status,
    valid_status_codes: `[${validStatusCodes.join(' ')}]`,
  });
  return false;
}

function haveHeaders(headers: Judged['headers'], { http, log }: Judging): boolean {
  function valuesOf({ header, allowMissing }: HeaderMatch): readonly string[] | 'missing' | 'leave' {
    const values = headers.get(header.toLowerCase()) ?? [];
    if (values.length > 0) return values;
    if (!allowMissing) log.error('Missing required header', { header });
    return allowMissing ? 'leave' : 'missing';
  }
  for (const match of http.failIfHeaderMatches) {
    const values = valuesOf(match);
    if (values === 'missing') return false;
    if (values === 'leave' || !values.some((value) => finds(match.regexp, value))) continue;
    log.error('Header matched regular expression', { header: match.header, regexp: match.regexp });
    return false;
  }
  for (const match of http.failIfHeaderNotMatches) {
    const values = valuesOf(match);
    if (values === 'missing') return false;
    if (values === 'leave' || values.some((value) => finds(match.regexp, value))) continue;
    log.error('Header did not match regular expression', { header: match.header, regexp: match.regexp });
    return false;
  }
  return true;
}

/** An answer that cannot be read to its end matches nothing. */
function textOf(body: SeenBody | null, log: ProbeLog): string | undefined {
  if (body !== null && body.failure === null) return body.bytes.toString('utf8');
  log.error('Error reading HTTP body', { err: body?.failure ?? 'http: read on closed response body' });
  return undefined;
}

function hasText(body: SeenBody | null, { http, log }: Judging): boolean {
  const text = textOf(body, log);
  if (text === undefined) return false;
  const matched = http.failIfBodyMatchesRegexp.find((expression) => finds(expression, text));
  if (matched !== undefined) {
    log.error('Body matched regular expression', { regexp: matched });
    return false;
  }
  const unmatched = http.failIfBodyNotMatchesRegexp.find((expression) => !finds(expression, text));
  if (unmatched !== undefined) log.error('Body did not match regular expression', { regexp: unmatched });
  return unmatched === undefined;
}

function finds(expression: string, text: string): boolean {
  const pattern = patternOf(expression);
  return !('mistake' in pattern) && pattern.finds(text);
}

/** Once expressions on the text have read the body there is nothing left for these: blackbox_exporter reads it once. */
function hasFacts(body: SeenBody | null, { http, log }: Judging): boolean {
  const isRead = http.failIfBodyMatchesRegexp.length + http.failIfBodyNotMatchesRegexp.length > 0;
  const text = isRead ? '' : textOf(body, log);
  if (text === undefined) return false;
  let facts: Json;
  try {
    facts = JSON.parse(text) as Json;
  } catch (error) {
    log.error('Error unmarshalling HTTP body to JSON', { err: error instanceof Error ? error.message : String(error) });
    return false;
  }
  const wanted = [
    [http.failIfBodyJsonMatchesCel, false, 'Body matched CEL expression'],
    [http.failIfBodyJsonNotMatchesCel, true, 'Body did not match CEL expression'],
  ] as const;
  for (const [expression, want, complaint] of wanted) {
    if (expression === null) continue;
    const got = holds(expression, facts);
    if (got === want) continue;
    if (typeof got === 'string') log.error('Error evaluating CEL expression', { err: got });
    else log.error(complaint, { expression });
    return false;
  }
  return true;
}

/** The text says why there is no answer. */
function holds(expression: string, body: Json): boolean | string {
  const compiled = compileCel(expression);
  if ('fault' in compiled) return compiled.fault;
  try {
    const value = compiled.program.evaluate(body);
    return typeof value === 'boolean' ? value : `got ${typeof value}, want true or false`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
