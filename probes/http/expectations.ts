/** What a check expects of an HTTP answer, held against the answer. Pure. */
import { celOf } from '../../contract/cel.ts';
import type {
  CertificateExpectation,
  Expectation,
  HeaderPattern,
  HttpCheck,
  JsonExpectation,
} from '../../contract/check.ts';
import { canonicalJson, type Json } from '../../contract/json.ts';
import { valuesAt } from '../../contract/json-path.ts';
import { patternOf } from '../../contract/pattern.ts';
import { shown } from '../prober.ts';
import type { TlsFacts } from '../tls/facts.ts';

export type AnswerSeen = {
  readonly status: number;
  /** `1.0`, `1.1` or `2`. */
  readonly version: string;
  /** All values of a header, by its name in lower case. */
  readonly header: (name: string) => readonly string[];
  readonly headerNames: () => Iterable<string>;
  /** Unpacked, as far as it was kept. */
  readonly body: Buffer;
  /** Whether `body` is all of it. */
  readonly whole: boolean;
  /** `null` without TLS. */
  readonly tls: TlsFacts | null;
};

const dayMs = 86_400_000;

/** The first expectation that does not hold, got and want; `undefined` when all do. */
export function unmet(expect: Expectation, seen: AnswerSeen, wallMs: number): string | undefined {
  return (
    unmetStatus(expect, seen) ??
    unmetHeaders(expect, seen) ??
    unmetTexts(expect, seen) ??
    unmetJson(expect, seen) ??
    (expect.certificate === undefined ? undefined : unmetCertificate(expect.certificate, seen.tls, wallMs))
  );
}

/** Whether the answer's body has to be there whole, and its connection described, to judge it. */
export function needsWholeAnswer({ expect }: Pick<HttpCheck, 'expect'>): boolean {
  const { versions, bodyMatches, bodyNotMatches, json, cel, certificate } = expect;
  return [versions, bodyMatches, bodyNotMatches, json, cel, certificate].some((part) => part !== undefined);
}

function unmetStatus({ status, versions }: Expectation, seen: AnswerSeen): string | undefined {
  if (!status.includes(seen.status)) return `status: got ${seen.status}, want ${statusText(status)}`;
  if (versions !== undefined && !versions.some((version) => version === seen.version)) {
    return `version: got HTTP/${seen.version}, want HTTP/${versions.join(' or HTTP/')}`;
  }
  return undefined;
}

function unmetHeaders({ headers, headerMatches = [] }: Expectation, seen: AnswerSeen): string | undefined {
  for (const [name, want] of Object.entries(headers)) {
    const [got] = seen.header(name.toLowerCase());
    if (got !== want) return `header ${name}: got ${got === undefined ? 'none' : shown(got)}, want ${want}`;
  }
  for (const wanted of headerMatches) {
    const wrong = unmetPattern(wanted, seen.header(wanted.header));
    if (wrong !== undefined) return `header ${wanted.header}: ${wrong}`;
  }
  return undefined;
}

function unmetPattern({ matches, notMatches, optional }: HeaderPattern, got: readonly string[]): string | undefined {
  if (got.length === 0) return optional ? undefined : 'got none, want one';
  const told = shown(got.join(', '));
  if (matches !== undefined && !got.some((value) => finds(matches, value))) return `got ${told}, want /${matches}/`;
  if (notMatches !== undefined && got.some((value) => finds(notMatches, value)))
    return `got ${told}, want it without /${notMatches}/`;
  return undefined;
}

function unmetTexts(expect: Expectation, seen: AnswerSeen): string | undefined {
  const { bodyContains, bodyMatches = [], bodyNotMatches = [] } = expect;
  if (bodyContains.length + bodyMatches.length + bodyNotMatches.length === 0) return undefined;
  const body = seen.body.toString('utf8');
  const got = `body: got ${seen.body.length} bytes`;
  for (const want of bodyContains) {
    if (!body.includes(want)) return `${got} without ${JSON.stringify(shown(want))}, want it among the first 64 KiB`;
  }
  for (const want of bodyMatches) if (!finds(want, body)) return `${got} without a match of /${shown(want)}/, want one`;
  for (const want of bodyNotMatches) if (finds(want, body)) return `${got} with a match of /${shown(want)}/, want none`;
  return undefined;
}

function finds(source: string, text: string): boolean {
  const pattern = patternOf(source);
  // A scenario is refused for such a pattern; what an aggregator of another release lets through finds nothing.
  return 'mistake' in pattern ? false : pattern.finds(text);
}

function unmetJson({ json = [], cel = [] }: Expectation, seen: AnswerSeen): string | undefined {
  if (json.length + cel.length === 0) return undefined;
  const document = parsed(seen);
  if ('mistake' in document) return `body: ${document.mistake}, want JSON`;
  for (const wanted of json) {
    const wrong = unmetPath(wanted, document.value);
    if (wrong !== undefined) return `body at ${wanted.path}: ${wrong}`;
  }
  const headers: Record<string, string> = {};
  if (cel.length > 0) for (const name of seen.headerNames()) headers[name] = seen.header(name).join(', ');
  for (const source of cel) {
    const wrong = unmetCel(source, { body: document.value, status: seen.status, headers });
    if (wrong !== undefined) return `answer: ${wrong}, want ${shown(source)}`;
  }
  return undefined;
}

function parsed({ body, whole }: AnswerSeen): { readonly value: Json } | { readonly mistake: string } {
  if (!whole) return { mistake: `got more than ${body.length} bytes` };
  try {
    return { value: JSON.parse(body.toString('utf8')) as Json };
  } catch {
    return { mistake: `got ${JSON.stringify(body.toString('utf8', 0, 40))}` };
  }
}

function unmetPath({ path, equals, matches, exists }: JsonExpectation, document: Json): string | undefined {
  let found: readonly Json[];
  try {
    found = valuesAt(document, path);
  } catch (error) {
    return `cannot be looked at (${error instanceof Error ? shown(error.message) : 'no path'})`;
  }
  const got = found.length === 0 ? 'got nothing' : `got ${shown(JSON.stringify(found[0]))}`;
  if (exists === false) return found.length === 0 ? undefined : `${got}, want nothing`;
  if (found.length === 0) return `${got}, want a value`;
  if (equals !== undefined && !found.some((value) => canonicalJson(value) === canonicalJson(equals))) {
    return `${got}, want ${JSON.stringify(equals)}`;
  }
  if (matches !== undefined && !found.some((value) => isScalar(value) && finds(matches, String(value)))) {
    return `${got}, want /${matches}/`;
  }
  return undefined;
}

function isScalar(value: Json): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function unmetCel(
  source: string,
  facts: Parameters<Extract<ReturnType<typeof celOf>, { holds: unknown }>['holds']>[0],
) {
  const condition = celOf(source);
  if ('mistake' in condition) return `cannot be judged (${shown(condition.mistake)})`;
  try {
    return condition.holds(facts) ? undefined : 'got false';
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `cannot be judged (${shown(why)})`;
  }
}

export function unmetCertificate(
  { minDaysLeft, fingerprints, versions, ciphers }: CertificateExpectation,
  tls: TlsFacts | null,
  wallMs: number,
): string | undefined {
  const [leaf] = tls?.peers ?? [];
  if (tls === null || leaf === undefined) return 'certificate: got none, want one';
  if (minDaysLeft !== undefined) {
    const first = tls.peers.reduce((earliest, { notAfterMs }) => Math.min(earliest, notAfterMs), leaf.notAfterMs);
    const days = (first - wallMs) / dayMs;
    if (days < minDaysLeft) {
      return `certificate: got ${days.toFixed(1)} days until ${new Date(first).toISOString()}, want at least ${minDaysLeft}`;
    }
  }
  if (fingerprints !== undefined && !fingerprints.includes(leaf.sha256)) {
    return `certificate: got SHA-256 ${leaf.sha256}, want ${fingerprints.join(' or ')}`;
  }
  const version = tls.version.replace(/^TLS (\d)\.(\d)$/, 'TLS$1$2');
  if (versions !== undefined && !versions.some((allowed) => allowed === version)) {
    return `TLS: got ${tls.version}, want ${versions.join(' or ')}`;
  }
  if (ciphers !== undefined && !ciphers.includes(tls.cipher))
    return `TLS: got ${tls.cipher}, want ${ciphers.join(' or ')}`;
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
