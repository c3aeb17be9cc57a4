/** Route 53's REST API over HTTP: what the AWS SDK and command line reach when they are pointed here. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import type { Random } from '../../contract/random.ts';
import type { ClientLocation } from '../../zone/records.ts';
import { httpApi } from '../network/http.ts';
import { healthCheckRoutes } from './health-check-routes.ts';
import { bodyOf, Refusal, refuse, statusOf } from './refusal.ts';
import { newId, type Reply, type Route, type Service } from './route.ts';
import { type Quota, throttle } from './throttle.ts';
import { parseXml, writeXml, type XmlNode } from './xml.ts';
import { zoneRoutes } from './zone-routes.ts';

export type Route53Options = {
  readonly listen: HostPort;
  readonly store: Service['store'];
  readonly checkers: Service['checkers'];
  readonly locate: Service['locate'];
  readonly quota?: Quota;
  readonly usualLocation?: ClientLocation;
};
export type Route53Deps = { readonly clock: Clock; readonly random: Random; readonly log: Log };
export type Route53Api = { readonly url: string; close(): Promise<void> };

const usualQuota: Quota = { perSecond: 5, burst: 5 };
const virginia: ClientLocation = { continent: 'NA', country: 'US', subdivision: 'VA', latencyMs: {} };
const apiVersion = '/2013-04-01/';
const longestBodyBytes = 2_097_152;

export async function route53Api(options: Route53Options, deps: Route53Deps): Promise<Route53Api> {
  const service: Service = { ...options, ...deps, usualLocation: options.usualLocation ?? virginia };
  const routes = [...zoneRoutes, ...healthCheckRoutes()];
  const mayGoOn = throttle(options.quota ?? usualQuota, deps.clock);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = newId(deps.random);
    try {
      const body = await bodyText(request);
      requireSignature(request);
      // Before anything is looked at: a throttled request costs the service nothing.
      if (!mayGoOn()) refuse('Throttling', 'Rate exceeded');
      const { operation, reply } = run(routes, { method: request.method ?? '', url: request.url ?? '', body }, service);
      deps.log.info({ operation, requestId }, 'route 53 request');
      send(response, { ...reply, requestId });
    } catch (error) {
      if (!(error instanceof Refusal)) deps.log.error({ requestId, error: String(error) }, 'route 53 request broke');
      else deps.log.info({ method: request.method, code: error.code, requestId }, 'route 53 request refused');
      sendFailure(response, error, requestId);
    }
  }

  return httpApi(serve, options.listen, 'the Route 53 API');
}

type Received = { readonly method: string; readonly url: string; readonly body: string };

function run(routes: readonly Route[], { method, url, body }: Received, service: Service) {
  const { pathname, searchParams } = new URL(url, 'http://route53');
  const path = pathname.startsWith(apiVersion) ? pathname.slice(apiVersion.length).replace(/\/$/, '') : '';
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match === null) continue;
    const ids = match.slice(1).map(decoded);
    return { operation: route.operation, reply: route.run({ ids, query: searchParams, body: read(body) }, service) };
  }
  return refuse('UnknownOperationException', `got ${method} ${pathname}, which is no operation here`);
}

function read(body: string): XmlNode | undefined {
  if (body === '') return undefined;
  return parseXml(body) ?? refuse('MalformedInput', 'The request body is not XML that can be read');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('InvalidInput', `got ${text} in the path, want a text that is encoded as in URLs`);
  }
}

/** A signature has to be there; whose it is, nobody checks: there is one account and nothing to protect. */
function requireSignature({ headers: { authorization } }: IncomingMessage): void {
  if (authorization === undefined) refuse('MissingAuthenticationToken', 'Missing Authentication Token');
  else if (!/^AWS4-HMAC-SHA256 .*Credential=.*Signature=/.test(authorization)) {
    refuse('IncompleteSignature', 'want an Authorization header of AWS Signature Version 4');
  }
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > longestBodyBytes) refuse('RequestEntityTooLarge', `want a body of at most ${longestBodyBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  { status, location, xml, requestId }: Reply & { readonly requestId: string },
): void {
  response.writeHead(status ?? 200, {
    'content-type': 'text/xml',
    'x-amzn-requestid': requestId,
    ...(location === undefined ? {} : { location }),
  });
  response.end(writeXml(xml));
}

function sendFailure(response: ServerResponse, error: unknown, requestId: string): void {
  if (error instanceof Refusal) send(response, { status: statusOf(error), xml: bodyOf(error, requestId), requestId });
  else response.writeHead(500, { 'x-amzn-requestid': requestId }).end();
}
