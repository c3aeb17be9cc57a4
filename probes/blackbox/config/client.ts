/** What a module says of the HTTP client: who it is, through which proxy it goes, and what it adds to a request. */
import { parseAddress } from './addresses.ts';
import { anything } from './anything.ts';
import { dictionaryOf, listOf } from './collections.ts';
import { always, optional, secret, shownText, text, truth } from './leaves.ts';
import { canonicalHeader, reservedHeaders } from './names.ts';
import type { Shape, ValueOf } from './reading.ts';
import { type Fault, stanza } from './stanza.ts';
import { atMostOne, tlsConfig } from './tls.ts';

/** Its password is shown as `xxxxx`, and no mistake shows anything of it. */
const address: Shape<string | null> = {
  ...optional(text),
  read: (node, reading) => {
    const found = text.read(node, reading);
    if (found === undefined) return undefined;
    const parsed = parseAddress(found);
    if ('fault' in parsed) reading.mistake(node.line, 'this', parsed.fault);
    return found;
  },
  show: (url) => shownText(shownAddress(url)),
};

function shownAddress(url: string | null): string {
  const parsed = parseAddress(url ?? '');
  return 'shown' in parsed ? parsed.shown : '';
}

const proxy = {
  proxy_url: address,
  no_proxy: text,
  proxy_from_environment: truth,
  proxy_connect_header: dictionaryOf(listOf(secret)),
};

const basicAuth = stanza({
  username: text,
  username_file: text,
  username_ref: text,
  password: secret,
  password_file: text,
  password_ref: text,
});

const authorization = stanza({
  type: text,
  credentials: secret,
  credentials_file: text,
  credentials_ref: text,
});

/** Of its own keys the proxy's alone are held to each other here; the others by the client that asks for tokens. */
const oauth2 = stanza(
  {
    client_id: text,
    client_secret: secret,
    client_secret_file: text,
    client_secret_ref: text,
    client_certificate_key_id: text,
    client_certificate_key: secret,
    client_certificate_key_file: text,
    client_certificate_key_ref: text,
    grant_type: text,
    signature_algorithm: text,
    iss: text,
    audience: text,
    claims: dictionaryOf(anything),
    scopes: listOf(text),
    token_url: text,
    endpoint_params: dictionaryOf(text),
    tls_config: tlsConfig,
    ...proxy,
  },
  {
    check: (given, fault) => {
      checkProxy(given, fault);
      return undefined;
    },
  },
);

const injected = stanza({ values: listOf(text), secrets: listOf(secret), files: listOf(text) });

export const client = {
  basic_auth: optional(basicAuth),
  authorization: optional(authorization),
  oauth2: optional(oauth2),
  bearer_token: secret,
  bearer_token_file: text,
  tls_config: tlsConfig,
  follow_redirects: always(truth),
  enable_http2: always(truth),
  ...proxy,
  http_headers: optional(dictionaryOf(injected)),
};
const clientStanza = stanza(client);
export type Client = ValueOf<typeof clientStanza>;
type OAuth2 = NonNullable<Client['oauth2']>;

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Notes what contradicts itself; a bearer token ends as the authorization that it stands for. */
export function checkedClient<T extends Client>(given: T, fault: Fault): T {
  const settled = withAuthorization(given, fault);
  const { basicAuth: basic, oauth2: oauth } = settled;
  if (basic !== null) {
    const { username, usernameFile, usernameRef, password, passwordFile, passwordRef } = basic;
    oneIn(fault, 'basic_auth', { username, username_file: usernameFile, username_ref: usernameRef });
    oneIn(fault, 'basic_auth', { password, password_file: passwordFile, password_ref: passwordRef });
  }
  if (oauth !== null) checkOAuth2(oauth, fault);
  checkProxy(settled, fault);
  for (const name of Object.keys(settled.httpHeaders ?? {})) {
    const canonical = canonicalHeader(name);
    if (reservedHeaders.has(canonical)) fault('headers that are not set by other means', 'http_headers', canonical);
  }
  return settled;
}

function withAuthorization<T extends Client>(given: T, fault: Fault): T {
  const { bearerToken, bearerTokenFile } = given;
  atMostOne(fault, {
    basic_auth: given.basicAuth !== null,
    oauth2: given.oauth2 !== null,
    authorization: given.authorization !== null,
    bearer_token: bearerToken,
    bearer_token_file: bearerTokenFile,
  });
  const said = given.authorization;
  if (said === null) {
    if (bearerToken === '' && bearerTokenFile === '') return given;
    const bearer = { type: 'Bearer', credentials: bearerToken, credentialsFile: bearerTokenFile, credentialsRef: '' };
    return { ...given, authorization: bearer, bearerToken: '', bearerTokenFile: '' };
  }
  const { credentials, credentialsFile, credentialsRef } = said;
  const ways = { credentials, credentials_file: credentialsFile, credentials_ref: credentialsRef };
  oneIn(fault, 'authorization', ways);
  const type = said.type.trim() || 'Bearer';
  if (type.toLowerCase() === 'basic') fault('basic_auth instead', 'authorization', `the type ${type}`);
  return { ...given, authorization: { ...said, type } };
}

function oneIn(fault: Fault, key: string, ways: Readonly<Record<string, string>>): void {
  const there = Object.keys(ways).filter((way) => ways[way] !== '');
  if (there.length > 1) fault(`at most one of ${Object.keys(ways).join(', ')}`, key, there.join(' and '));
}

function checkOAuth2(oauth: OAuth2, fault: Fault): void {
  if (oauth.clientId === '') fault('a client_id', 'oauth2', 'none');
  if (oauth.tokenUrl === '') fault('a token_url', 'oauth2', 'none');
  if (oauth.grantType !== jwtBearer) {
    const { clientSecret, clientSecretFile, clientSecretRef } = oauth;
    const ways = {
      client_secret: clientSecret,
      client_secret_file: clientSecretFile,
      client_secret_ref: clientSecretRef,
    };
    oneIn(fault, 'oauth2', ways);
    return;
  }
  oneIn(fault, 'oauth2', {
    client_certificate_key: oauth.clientCertificateKey,
    client_certificate_key_file: oauth.clientCertificateKeyFile,
    client_certificate_key_ref: oauth.clientCertificateKeyRef,
  });
  if (!['', 'RS256', 'RS384', 'RS512'].includes(oauth.signatureAlgorithm)) {
    fault('RS256, RS384 or RS512', 'oauth2', `the signature_algorithm ${oauth.signatureAlgorithm}`);
  }
}

type Proxy = Pick<Client, 'proxyUrl' | 'noProxy' | 'proxyFromEnvironment' | 'proxyConnectHeader'>;

function checkProxy({ proxyUrl, noProxy, proxyFromEnvironment, proxyConnectHeader }: Proxy, fault: Fault): void {
  const hasUrl = proxyUrl !== null && shownAddress(proxyUrl) !== '';
  if (Object.keys(proxyConnectHeader).length > 0 && !proxyFromEnvironment && !hasUrl) {
    fault('a proxy_url or proxy_from_environment with it', 'proxy_connect_header');
  }
  if (proxyFromEnvironment && hasUrl) fault('no proxy_from_environment beside it', 'proxy_url');
  if (proxyFromEnvironment && noProxy !== '') fault('no proxy_from_environment beside it', 'no_proxy');
  if (proxyUrl === null && noProxy !== '' && !proxyFromEnvironment) fault('a proxy_url with it', 'no_proxy');
}
