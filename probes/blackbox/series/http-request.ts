/** From a module and a target to the request, its secrets read. */

import type { Authorization, JourneyRequest } from '../../http/journey.ts';
import type { TlsSettings } from '../../tls/settings.ts';
import type { HttpModule, OAuth2Module } from '../config/module.ts';
import { fileText, NoMaterial, secretText, tlsSettings } from '../material.ts';
import { joinHostPort, type UrlTarget } from '../target.ts';
import { type EnvironmentProxy, proxyTo } from './http-proxy.ts';

/** As blackbox_exporter has it; a journey that is not to go on ends with the redirect as its answer. */
const maxRedirects = 10;
const userAgent = 'Blackbox-Exporter/blackstart';

/** What has to be there before anything is asked. */
export type Material = {
  readonly tls: TlsSettings;
  readonly body: string | null;
  readonly environmentProxy: EnvironmentProxy;
};

/** Rejects with `NoMaterial`. */
export async function materialOf(http: HttpModule, environmentProxy: EnvironmentProxy): Promise<Material> {
  return { tls: await tlsSettings(http.tlsConfig), body: await bodyOf(http), environmentProxy };
}

/** `address`: the literal that stands for the name; null where the proxy looks it up. Rejects with `NoMaterial`. */
export async function httpRequest(
  http: HttpModule,
  url: UrlTarget,
  address: string | null,
  { tls, body, environmentProxy }: Material,
): Promise<JourneyRequest> {
  const asked = urlText(url, address);
  const own = ownHeaders(http, await injected(http));
  const serverName = http.tlsConfig.serverName === '' ? (own.host ?? url.hostname) : http.tlsConfig.serverName;
  return {
    url: asked,
    method: http.method === '' ? 'GET' : http.method,
    headers: own.headers,
    body,
    tls,
    host: own.host ?? url.host,
    family: address?.includes(':') === true ? 'ip6' : address === null ? 'prefer-ip6' : 'ip4',
    resolveWith: 'system',
    maxRedirects: http.followRedirects ? maxRedirects : 0,
    httpVersions: http.enableHttp2 ? ['2', '1.1'] : ['1.1'],
    // Nothing is asked for and nothing undone: the module says how the answer is packed, whatever that says itself.
    compression: null,
    bodyLimitBytes: null,
    tlsServerName: withoutPort(serverName),
    proxy: proxyTo(new URL(asked), http, environmentProxy),
    ...(address === null && { resolveThroughProxy: true }),
    authorization: await authorizationOf(http, url, own.headers, environmentProxy),
    cookies: true,
  };
}

function named(headers: Readonly<Record<string, string>>, name: string): boolean {
  return Object.keys(headers).some((one) => one.toLowerCase() === name);
}

function withoutPort(name: string): string {
  const colon = name.indexOf(':');
  return colon >= 0 && colon === name.lastIndexOf(':') ? name.slice(0, colon) : name;
}

function urlText({ scheme, hostname, port, path }: UrlTarget, address: string | null): string {
  const name = address ?? hostname;
  const host = port === '' ? joinHostPort(name, '').slice(0, -1) : joinHostPort(name, port);
  return `${scheme}://${host}${path}`;
}

function ownHeaders(
  http: HttpModule,
  more: Readonly<Record<string, string>>,
): { readonly headers: Readonly<Record<string, string>>; readonly host?: string } {
  const entries = Object.entries(http.headers);
  const host = entries.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const rest = Object.fromEntries(entries.filter(([name]) => name.toLowerCase() !== 'host'));
  return {
    headers: {
      ...(named(rest, 'user-agent') ? {} : { 'User-Agent': userAgent }),
      ...rest,
      ...more,
    },
    ...(host !== undefined && { host }),
  };
}

async function injected({ httpHeaders }: HttpModule): Promise<Readonly<Record<string, string>>> {
  const headers: Record<string, string> = {};
  for (const [name, { values, secrets, files }] of Object.entries(httpHeaders ?? {})) {
    const read = await Promise.all(files.map(async (file) => (await fileText(file)).trim()));
    // One line for all of them means the same: RFC 9110 §5.3.
    headers[name] = [...values, ...secrets, ...read].join(', ');
  }
  return headers;
}

async function bodyOf({ body, bodyFile }: HttpModule): Promise<string | null> {
  if (bodyFile !== '') return fileText(bodyFile);
  return body === '' ? null : body;
}

async function authorizationOf(
  { basicAuth, authorization, oauth2 }: HttpModule,
  { user }: UrlTarget,
  headers: Readonly<Record<string, string>>,
  environmentProxy: EnvironmentProxy,
): Promise<Authorization> {
  if (named(headers, 'authorization')) return { kind: 'none' };
  if (authorization !== null) {
    const { type, credentials, credentialsFile, credentialsRef } = authorization;
    const secret = await secretText(credentials, credentialsFile, credentialsRef);
    if (secret !== '')
      return { kind: 'header', type: type.trim() === '' ? 'Bearer' : type.trim(), credentials: secret };
  }
  if (basicAuth !== null) {
    return {
      kind: 'basic',
      username: await secretText(basicAuth.username, basicAuth.usernameFile, basicAuth.usernameRef),
      password: await secretText(basicAuth.password, basicAuth.passwordFile, basicAuth.passwordRef),
    };
  }
  if (oauth2 !== null) return oauth2Of(oauth2, environmentProxy);
  return user === null ? { kind: 'none' } : { kind: 'basic', username: user.name, password: user.password };
}

async function oauth2Of(oauth2: OAuth2Module, environmentProxy: EnvironmentProxy): Promise<Authorization> {
  if (oauth2.grantType !== '' && oauth2.grantType !== 'client_credentials') {
    throw new NoMaterial(`oauth2: got grant_type ${oauth2.grantType}, want client_credentials`);
  }
  return {
    kind: 'oauth2',
    clientId: oauth2.clientId,
    clientSecret: await secretText(oauth2.clientSecret, oauth2.clientSecretFile, oauth2.clientSecretRef),
    tokenUrl: oauth2.tokenUrl,
    scopes: oauth2.scopes,
    parameters: oauth2.endpointParams,
    tls: await tlsSettings(oauth2.tlsConfig),
    proxy: URL.canParse(oauth2.tokenUrl) ? proxyTo(new URL(oauth2.tokenUrl), oauth2, environmentProxy) : null,
  };
}
