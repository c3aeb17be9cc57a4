/** OAuth 2 client credentials (RFC 6749 §4.4), asked for as Go's clientcredentials does. */
import { createHash } from 'node:crypto';
import type { Failure, ProbeContext } from '../../prober.ts';
import { shown } from '../../prober.ts';
import type { TlsSettings } from '../../tls/settings.ts';
import { hop } from './hop.ts';
import type { LineTerms, ProxyTerms } from './line.ts';
import { headersFrom } from './message.ts';
import { basic, httpUrl, shownUrl } from './places.ts';
import { sink } from './sink.ts';
import { journeyWatch } from './watch.ts';

export type TokenTerms = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenUrl: string;
  readonly scopes: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly tls: TlsSettings;
  readonly proxy: ProxyTerms | null;
};

/** `value`: for the `Authorization` header. */
export type Tokened = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly failure: Failure };

type Token = { readonly value: string; readonly expiresMs: number };
/** What one way to the network has been given, by digests of what was asked with. */
type Wallet = { readonly tokens: Map<string, Token>; readonly styles: Map<string, Style> };
/** Where the client says who it is. Servers take one of the two, and nothing says which. */
type Style = 'header' | 'parameters';

const wallets = new WeakMap<object, Wallet>();
const maxTokens = 1_000;
const maxAnswerBytes = 1_048_576;
/** A token that ends while it is on its way is none. */
const earlyMs = 10_000;

export async function tokenFor(terms: TokenTerms, line: LineTerms, context: ProbeContext): Promise<Tokened> {
  const wallet = walletOf(context);
  const key = keyOf(terms);
  const known = wallet.tokens.get(key);
  if (known !== undefined && known.expiresMs - earlyMs > context.clock.nowMs()) return { ok: true, value: known.value };
  const url = httpUrl(terms.tokenUrl);
  if ('mistake' in url) return failed('agent', `token URL: ${url.mistake}`);
  const style = wallet.styles.get(key);
  let got = await ask(url, terms, style ?? 'header', line, context);
  let used = style ?? 'header';
  // An answer that refuses may mean the style; one that did not come does not.
  if (!got.ok && got.refused && style === undefined) {
    used = 'parameters';
    got = await ask(url, terms, used, line, context);
  }
  if (!got.ok) return got;
  if (wallet.tokens.size >= maxTokens) {
    wallet.tokens.clear();
    wallet.styles.clear();
  }
  wallet.styles.set(key, used);
  wallet.tokens.set(key, got.token);
  return { ok: true, value: got.token.value };
}

/** The service did not take it: the next attempt asks for another. */
export function dropToken(terms: TokenTerms, context: ProbeContext): void {
  walletOf(context).tokens.delete(keyOf(terms));
}

function walletOf({ dialer }: ProbeContext): Wallet {
  const wallet = wallets.get(dialer) ?? { tokens: new Map(), styles: new Map() };
  wallets.set(dialer, wallet);
  return wallet;
}

function keyOf({ clientId, clientSecret, tokenUrl, scopes, parameters, proxy }: TokenTerms): string {
  const all = JSON.stringify([clientId, clientSecret, tokenUrl, scopes, parameters, proxy?.url]);
  return createHash('sha256').update(all).digest('base64');
}

type Got =
  | { readonly ok: true; readonly token: Token }
  | { readonly ok: false; readonly refused: boolean; readonly failure: Failure };

async function ask(url: URL, terms: TokenTerms, style: Style, line: LineTerms, context: ProbeContext): Promise<Got> {
  const form = formOf(terms, style);
  const own = { 'User-Agent': 'blackstart', 'Content-Type': 'application/x-www-form-urlencoded' };
  const headers = headersFrom(
    own,
    style === 'parameters' ? {} : { Authorization: basic(formed(terms.clientId), formed(terms.clientSecret)) },
  );
  if ('mistake' in headers) return { refused: false, ...failed('agent', headers.mistake) };
  const body = sink(maxAnswerBytes, maxAnswerBytes);
  // Its time is a part of the journey's first byte, and is taken there.
  const watch = journeyWatch(context.clock);
  const { head, failure } = await hop({ url, method: 'POST', headers, body: Buffer.from(form) }, () => body, {
    addresses: new Map(),
    trusted: true,
    terms: { ...line, tls: terms.tls, proxy: terms.proxy, httpVersions: ['1.1'] },
    watch,
    context,
    ending: context.ending,
    sockets: [],
    found: () => undefined,
  });
  const where = `token of ${shownUrl(url)}`;
  if (failure !== null) {
    const failedAt = failure.failedAt === 'agent' ? 'agent' : 'answer';
    return { refused: false, ...failed(failedAt, `${where}: ${failure.reason}`) };
  }
  const type = head?.headers.get('content-type')?.[0] ?? '';
  const read = readToken(body.kept.toString('utf8'), type, context.clock.nowMs());
  const status = head?.status ?? 0;
  if (status >= 200 && status <= 299 && 'value' in read) return { ok: true, token: read };
  const why = 'value' in read ? '' : `, ${read.mistake}`;
  return { refused: true, ...failed('answer', `${where}: got ${status}${why}, want 200 and a token`) };
}

function formOf({ clientId, clientSecret, scopes, parameters }: TokenTerms, style: Style): string {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  for (const [name, value] of Object.entries(parameters)) form.set(name, value);
  if (style === 'parameters') {
    form.set('client_id', clientId);
    if (clientSecret !== '') form.set('client_secret', clientSecret);
  }
  return form.toString();
}

/** RFC 6749 §2.3.1: encoded as in a form before they are made Basic credentials. */
function formed(text: string): string {
  return new URLSearchParams({ a: text }).toString().slice(2);
}

/** RFC 6749 §5; some servers answer as a form. */
function readToken(text: string, contentType: string, nowMs: number): Token | { readonly mistake: string } {
  const fields = /^(?:application\/x-www-form-urlencoded|text\/plain)\b/i.test(contentType.trim())
    ? Object.fromEntries(new URLSearchParams(text))
    : jsonFields(text);
  if (fields === undefined) return { mistake: 'an answer that is no JSON' };
  const { error, access_token: token, token_type: type, expires_in: lasts } = fields;
  if (typeof error === 'string' && error !== '') return { mistake: `error ${JSON.stringify(shown(error))}` };
  if (typeof token !== 'string' || token === '') return { mistake: 'no access_token' };
  const seconds = Number(lasts ?? 0);
  const expiresMs = Number.isFinite(seconds) && seconds > 0 ? nowMs + seconds * 1_000 : Number.POSITIVE_INFINITY;
  return { value: `${schemeOf(typeof type === 'string' ? type : '')} ${token}`, expiresMs };
}

function jsonFields(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function schemeOf(type: string): string {
  const known: Readonly<Record<string, string>> = { '': 'Bearer', bearer: 'Bearer', mac: 'MAC', basic: 'Basic' };
  return known[type.toLowerCase()] ?? type;
}

function failed(failedAt: Failure['failedAt'], reason: string): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: { failedAt, reason } };
}
