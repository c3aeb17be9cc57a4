/** `http`: what is asked, and what an answer has to be. */
import { checkedClient, client } from './client.ts';
import { dictionaryOf, listOf } from './collections.ts';
import { cel, pattern } from './expressions.ts';
import { optional, shownText, text, truth, whole } from './leaves.ts';
import { canonicalHeader } from './names.ts';
import type { Shape } from './reading.ts';
import { parseSize, sizeText } from './sizes.ts';
import { type Fault, stanza } from './stanza.ts';

/** In bytes; any single value is read as text. */
const size: Shape<number> = {
  zero: 0,
  read: (node, reading) => {
    const found = text.read(node, reading);
    if (found === undefined) return undefined;
    const bytes = parseSize(found);
    if (bytes === null)
      reading.mistake(node.line, JSON.stringify(found), 'a size with its unit, such as 10MB or 512KiB');
    return bytes ?? undefined;
  },
  isEmpty: (bytes) => bytes === 0,
  show: (bytes) => shownText(sizeText(bytes)),
};

/** An expression that is empty is shown as null: it was there, and says nothing. */
export function nullWhenEmpty(shape: Shape<string>): Shape<string> {
  return { ...shape, show: (value) => (value === '' ? { kind: 'plain', text: 'null' } : shape.show(value)) };
}

const patterns = listOf(nullWhenEmpty(pattern));
const matches = listOf(
  stanza(
    { header: text, regexp: pattern, allow_missing: truth },
    {
      check: ({ header, regexp }, fault) => {
        if (header === '') fault('the name of a header', 'header', 'none');
        if (regexp === '') fault('an RE2 expression', 'regexp', 'none');
        return undefined;
      },
    },
  ),
);

export const http = stanza(
  {
    valid_status_codes: listOf(whole),
    valid_http_versions: listOf(text),
    preferred_ip_protocol: text,
    ip_protocol_fallback: truth,
    skip_resolve_phase_with_proxy: truth,
    no_follow_redirects: optional(truth),
    fail_if_ssl: truth,
    fail_if_not_ssl: truth,
    method: text,
    headers: dictionaryOf(text),
    fail_if_body_matches_regexp: patterns,
    fail_if_body_not_matches_regexp: patterns,
    fail_if_body_json_matches_cel: optional(nullWhenEmpty(cel)),
    fail_if_body_json_not_matches_cel: optional(nullWhenEmpty(cel)),
    fail_if_header_matches: matches,
    fail_if_header_not_matches: matches,
    body: text,
    body_file: text,
    ...client,
    compression: text,
    body_size_limit: size,
    enable_http3: truth,
  },
  {
    defaults: { ipProtocolFallback: true, followRedirects: true, enableHttp2: true },
    check: (given, fault) => {
      const settled = checkedClient(given, fault);
      if (settled.body !== '' && settled.bodyFile !== '') fault('body or body_file, not both', 'body_file', 'body too');
      for (const [name, value] of Object.entries(settled.headers)) {
        if (canonicalHeader(name) !== 'Accept-Encoding' || accepts(value, settled.compression)) continue;
        fault(`a header ${name} that takes it (this one: ${value})`, 'compression', settled.compression);
      }
      checkVersions(settled, fault);
      const { noFollowRedirects } = settled;
      if (noFollowRedirects === null) return settled;
      return { ...settled, followRedirects: !noFollowRedirects, noFollowRedirects: null };
    },
  },
);

type Versions = { validHttpVersions: readonly string[]; enableHttp2: boolean; enableHttp3: boolean };

function checkVersions({ validHttpVersions, enableHttp2, enableHttp3 }: Versions, fault: Fault): void {
  const has = (version: string): boolean => validHttpVersions.includes(version);
  if (!enableHttp3) {
    if (has('HTTP/3.0')) fault('no HTTP/3.0 unless enable_http3 is true', 'valid_http_versions', 'HTTP/3.0');
    return;
  }
  if (has('HTTP/2.0') || has('HTTP/1.1')) fault('HTTP/3.0 alone with enable_http3', 'valid_http_versions');
  if (enableHttp2) fault('enable_http2: false with it', 'enable_http3', 'true');
}

/** Whether an Accept-Encoding header takes what is asked for: by the best entry that names it, or everything. */
function accepts(header: string, compression: string): boolean {
  if (compression === '' || header === '') return true;
  const entries = header.split(',').map((entry) => {
    const cut = entry.lastIndexOf(';');
    if (cut === -1) return { encoding: entry.trim(), quality: 1 };
    return { encoding: entry.slice(0, cut).trim(), quality: qualityOf(entry.slice(cut + 1).trim()) };
  });
  const best = entries.toSorted((a, b) => b.quality - a.quality);
  return (best.find(({ encoding }) => encoding === compression || encoding === '*')?.quality ?? 0) > 0;
}

/** To three places; 0 when it is no number. */
function qualityOf(parameter: string): number {
  const digits = parameter.replace(/^q=/, '');
  if (!/^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(digits)) return 0;
  return Math.round(Number(digits) * 1_000) / 1_000;
}
