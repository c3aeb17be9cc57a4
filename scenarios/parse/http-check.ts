/** What an http check may ask and expect beside a status: each key is absent unless it is written. */
import { celOf } from '../../contract/cel.ts';
import type {
  Expectation,
  HeaderPattern,
  HttpAuthorization,
  HttpOptions,
  HttpProxy,
  JsonExpectation,
} from '../../contract/check.ts';
import type { Json } from '../../contract/json.ts';
import { isObject } from '../../contract/json.ts';
import { jsonPathMistake } from '../../contract/json-path.ts';
import { patternOf } from '../../contract/pattern.ts';
import { secret } from './exchange.ts';
import { dictionary, list, object, oneOrMore, optional, type Read, required, shown } from './reader.ts';
import { family, present, tlsTerms, tlsVersion } from './tls.ts';
import { body, headerName, headerValue, number, oneOf, statusCode, text, url } from './values.ts';

const yes: Read<true> = (value, at) => (value === true ? true : at.note(shown(value), 'true, or no such key'));
const mostRedirects = 20;
const mostBodyBytes = 16 * 1_048_576;

const whole =
  (least: number, most: number, what: string): Read<number> =>
  (value, at) =>
    Number.isInteger(value) ? number(least, most, what)(value, at) : at.note(shown(value), `${what}, a whole number`);

/** RE2's syntax, checked where it is written. */
export const pattern: Read<string> = (value, at) => {
  if (typeof value !== 'string') return at.note(shown(value), 'a regular expression of RE2, in quotes');
  const compiled = patternOf(value);
  return 'mistake' in compiled ? at.note(compiled.mistake, 'a regular expression of RE2') : value;
};

const path: Read<string> = (value, at) => {
  if (typeof value !== 'string') return at.note(shown(value), 'a JSON path, such as $.status');
  const mistake = jsonPathMistake(value);
  return mistake === undefined ? value : at.note(mistake, 'a JSON path of RFC 9535, such as $.status');
};

const cel: Read<string> = (value, at) => {
  if (typeof value !== 'string') return at.note(shown(value), 'an expression of CEL, such as body.ready == true');
  const compiled = celOf(value);
  return 'mistake' in compiled
    ? at.note(compiled.mistake, 'an expression of CEL over body, status and headers')
    : value;
};

const json: Read<Json> = (value) => (value === undefined ? undefined : (value as Json));
const flag: Read<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : at.note(shown(value), 'true or false');
const fingerprint = text('a SHA-256 of 64 hexadecimal digits, in lower case', /^[0-9a-f]{64}$/);

const headerPattern: Read<HeaderPattern> = (value, at) => {
  const found = object({
    header: required(headerName),
    matches: optional(pattern, undefined),
    notMatches: optional(pattern, undefined),
    optional: optional(yes, undefined),
  })(value, at);
  if (found === undefined) return undefined;
  if (found.matches === undefined && found.notMatches === undefined) return at.note('nothing', 'matches or notMatches');
  return { ...present(found), header: found.header.toLowerCase() };
};

const pathAlone = object({
  path: required(path),
  equals: optional(json, undefined),
  matches: optional(pattern, undefined),
  exists: optional(flag, undefined),
});

/** Also where it equals null, which elsewhere is as good as nothing. */
const jsonExpectation: Read<JsonExpectation> = (value, at) => {
  const found = pathAlone(value, at);
  if (found === undefined) return undefined;
  const isNull = isObject(value) && value['equals'] === null;
  return { ...present(found), path: found.path, ...(isNull ? { equals: null } : {}) };
};

const certificate = object({
  minDaysLeft: optional(number(0, 3_650, 'a number of days'), undefined),
  fingerprints: optional(oneOrMore(fingerprint), undefined),
  versions: optional(oneOrMore(tlsVersion), undefined),
  ciphers: optional(
    oneOrMore(text('a cipher suite by its IANA name, such as TLS_AES_128_GCM_SHA256', /^TLS_\w+$/)),
    undefined,
  ),
});

const written = object({
  status: optional(oneOrMore(statusCode), [200]),
  headers: optional(dictionary(text('the value of the header'), headerName), {}),
  bodyContains: optional(oneOrMore(text('a text that the body contains')), []),
  versions: optional(oneOrMore(oneOf(['1.0', '1.1', '2'])), undefined),
  headerMatches: optional(list(headerPattern, 1), undefined),
  bodyMatches: optional(oneOrMore(pattern), undefined),
  bodyNotMatches: optional(oneOrMore(pattern), undefined),
  json: optional(list(jsonExpectation, 1), undefined),
  cel: optional(oneOrMore(cel), undefined),
  certificate: optional(certificate, undefined),
});

export const anyAnswer: Expectation = { status: [200], headers: {}, bodyContains: [] };

export const expectation: Read<Expectation> = (value, at) => {
  const found = written(value, at);
  if (found === undefined) return undefined;
  const { status, headers, bodyContains, json: paths, certificate: shownOne, ...rest } = found;
  return {
    ...present(rest),
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([key, inner]) => [key.toLowerCase(), inner])),
    bodyContains,
    ...(paths === undefined ? {} : { json: paths }),
    ...(shownOne === undefined ? {} : { certificate: present(shownOne) }),
  };
};

const basic = object({ username: required(body), password: required(secret) });
const bearer = object({
  type: optional(text('a type of credentials, such as Bearer', /^[\w!#$%&'*+.^`|~-]+$/), undefined),
  credentials: required(secret),
});
const oauth2 = object({
  clientId: required(text('the id of the client')),
  clientSecret: required(secret),
  tokenUrl: required(url),
  scopes: optional(list(text('a scope')), []),
  parameters: optional(dictionary(body), {}),
});
const ways = object({
  basic: optional(basic, undefined),
  bearer: optional(bearer, undefined),
  oauth2: optional(oauth2, undefined),
});

const authorization: Read<HttpAuthorization> = (value, at) => {
  const found = ways(value, at);
  if (found === undefined) return undefined;
  const { basic: byName, bearer: byToken, oauth2: byClient } = found;
  const given = [byName, byToken, byClient].filter((way) => way !== undefined);
  if (given.length !== 1)
    return at.note(shown(Object.keys(isObject(value) ? value : {})), 'one of basic, bearer and oauth2');
  if (byName !== undefined) return { kind: 'basic', ...byName };
  if (byToken !== undefined) return { kind: 'bearer', ...present(byToken), credentials: byToken.credentials };
  return byClient === undefined ? undefined : { kind: 'oauth2', ...byClient };
};

const proxy: Read<HttpProxy> = (value, at) => {
  const found = object({
    url: required(url),
    username: optional(body, undefined),
    password: optional(secret, undefined),
    connectHeaders: optional(dictionary(headerValue, headerName), undefined),
  })(value, at);
  if (found === undefined) return undefined;
  if (URL.parse(found.url)?.username) return at.in('url').note('a user in it', 'username and password beside it');
  return { ...present(found), url: found.url };
};

/** Fields for `object` beside those of every check. */
export const moreFields = {
  redirects: optional(whole(1, mostRedirects, 'how many redirects are followed'), undefined),
  cookies: optional(yes, undefined),
  httpVersions: optional(oneOrMore(oneOf(['1.1', '2'])), undefined),
  family: optional(family, undefined),
  authorization: optional(authorization, undefined),
  proxy: optional(proxy, undefined),
  tls: optional(tlsTerms, undefined),
  compression: optional(oneOf(['gzip', 'br', 'deflate', 'identity']), undefined),
  bodyLimitBytes: optional(whole(1, mostBodyBytes, 'a number of bytes'), undefined),
} as const;

type Written = { readonly [K in keyof typeof moreFields]: unknown };

/** Of what was read, the keys above. */
export function moreOf(
  found: { readonly [K in keyof HttpOptions]-?: HttpOptions[K] | undefined } & Written,
): HttpOptions {
  const { redirects, cookies, httpVersions, family: of, authorization: who, proxy: over, tls, compression } = found;
  const { bodyLimitBytes } = found;
  const more = { redirects, cookies, httpVersions, family: of, authorization: who, proxy: over, tls, compression };
  return present({ ...more, bodyLimitBytes });
}
