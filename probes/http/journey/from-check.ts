/** From an http check to a journey, its secrets resolved. */
import type { Check, HttpAuthorization, HttpProxy } from '../../../contract/check.ts';
import type { SecretReference } from '../../../contract/secret.ts';
import type { TlsTerms } from '../../../contract/tls.ts';
import type { SecretStore } from '../../secrets.ts';
import type { TlsSettings } from '../../tls/settings.ts';
import { maxBodyBytes } from '../body.ts';
import { needsWholeAnswer } from '../expectations.ts';
import type { Authorization, JourneyRequest } from '../journey.ts';
import { hostOf, httpUrl } from './places.ts';
import { maxKeptBytes } from './sink.ts';

/** Whether a plain request over HTTP/1.1 does not do. */
export function needsJourney(check: Pick<Check<'http'>, 'expect' | 'identity'> & Partial<Check<'http'>>): boolean {
  const { redirects = 0, cookies, httpVersions = ['1.1'], family = 'ip4', authorization, proxy, tls } = check;
  return (
    redirects > 0 ||
    httpVersions.includes('2') ||
    family !== 'ip4' ||
    [cookies, authorization, proxy, tls?.cert, check.compression, check.bodyLimitBytes].some(
      (part) => part !== undefined,
    ) ||
    check.expect.headerMatches !== undefined ||
    check.identity.fingerprints !== undefined ||
    needsWholeAnswer(check)
  );
}

/** What the check asks for; or why it cannot be asked, in a sentence that holds no secret. */
export async function requestOf(
  check: Check<'http'>,
  secrets: SecretStore | undefined,
): Promise<JourneyRequest | { readonly mistake: string }> {
  const url = httpUrl(check.url);
  if ('mistake' in url) return { mistake: `url: ${url.mistake}` };
  try {
    return await resolved(check, hostOf(url), secrets);
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
}

async function resolved(check: Check<'http'>, host: string, secrets: SecretStore | undefined): Promise<JourneyRequest> {
  const { tls: terms = {}, proxy, bodyLimitBytes } = check;
  const tls = await settingsOf(terms, host, secrets);
  const via = proxy === undefined ? null : await proxyOf(proxy, secrets);
  return {
    url: check.url,
    method: check.method,
    headers: check.headers,
    body: check.body,
    resolveWith: check.resolveWith,
    family: check.family ?? 'ip4',
    maxRedirects: check.redirects ?? 0,
    cookies: check.cookies === true,
    httpVersions: check.httpVersions ?? ['1.1'],
    compression: check.compression ?? null,
    bodyLimitBytes: bodyLimitBytes ?? null,
    // As much as a plain request takes, unless all of it is asked for.
    ...(bodyLimitBytes === undefined ? { bodyEnoughBytes: needsWholeAnswer(check) ? maxKeptBytes : maxBodyBytes } : {}),
    tls,
    ...(terms.serverName === undefined ? {} : { tlsServerName: terms.serverName }),
    proxy: via,
    authorization: await authorizationOf(check.authorization, { host, via }, secrets),
    // A secret is for the host that it was read for.
    onlyThisHost: true,
  };
}

async function settingsOf(terms: TlsTerms, host: string, secrets: SecretStore | undefined): Promise<TlsSettings> {
  const { ca, cert, key, minVersion, maxVersion, verify } = terms;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert: await read(cert, host, secrets) }),
    ...(key === undefined ? {} : { key: await read(key, host, secrets) }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(verify === undefined ? {} : { verify }),
  };
}

async function proxyOf(proxy: HttpProxy, secrets: SecretStore | undefined): Promise<JourneyRequest['proxy']> {
  const { username, password, connectHeaders = {} } = proxy;
  const url = httpUrl(proxy.url);
  if ('mistake' in url) throw new Error(`proxy: ${url.mistake}`);
  if (username !== undefined) url.username = encodeURIComponent(username);
  if (password !== undefined) url.password = encodeURIComponent(await read(password, hostOf(url), secrets));
  return { url: url.href, connectHeaders };
}

async function authorizationOf(
  authorization: HttpAuthorization | undefined,
  { host, via }: { readonly host: string; readonly via: JourneyRequest['proxy'] },
  secrets: SecretStore | undefined,
): Promise<Authorization> {
  switch (authorization?.kind) {
    case undefined:
      return { kind: 'none' };
    case 'basic': {
      const { username, password } = authorization;
      return { kind: 'basic', username, password: await read(password, host, secrets) };
    }
    case 'bearer': {
      const { type = 'Bearer', credentials } = authorization;
      return { kind: 'header', type, credentials: await read(credentials, host, secrets) };
    }
    case 'oauth2': {
      const { clientId, clientSecret, tokenUrl, scopes, parameters } = authorization;
      const url = httpUrl(tokenUrl);
      if ('mistake' in url) throw new Error(`tokenUrl: ${url.mistake}`);
      const secret = await read(clientSecret, hostOf(url), secrets);
      return { kind: 'oauth2', clientId, clientSecret: secret, tokenUrl, scopes, parameters, tls: {}, proxy: via };
    }
  }
}

async function read(reference: SecretReference, host: string, secrets: SecretStore | undefined): Promise<string> {
  if (secrets === undefined) throw new Error('this agent has no secrets, and the check wants one');
  return secrets.read(reference, host);
}
