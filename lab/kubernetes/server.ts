/** The API over HTTPS: tokens, bodies, answers, watches, and the ways in which an API server goes wrong. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { formatHostPort, type HostPort } from '../../contract/address.ts';
import type { Cancel } from '../../contract/clock.ts';
import type { JsonObject } from '../../contract/json.ts';
import type { Certificate } from '../certificates.ts';
import { anonymous, type Identity } from './access.ts';
import { type Api, type Call, isDryRun, newUid } from './call.ts';
import { dispatch, type Outcome } from './dispatch.ts';
import { gate } from './gate.ts';
import { fromProtobuf } from './protobuf.ts';
import { Refusal, tooLarge, unauthorized } from './refusal.ts';

/** A call that may change something, as it was answered. */
export type Mutation = {
  readonly atMs: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly user: string;
  readonly userAgent: string;
  readonly body: string;
  readonly dryRun: boolean;
  readonly code: number;
};

export type ApiServer = {
  readonly url: string;
  mutations(): readonly Mutation[];
  /** Accepts connections and requests and answers none, as a stopped process does, until `resume`. */
  hang(): void;
  /** Answers everything with this status code, until `resume`. */
  refuse(code: number): void;
  /** What was held is carried out now, also for callers that have given up meanwhile. */
  resume(): void;
  close(): Promise<void>;
};

const maxBodyBytes = 3 * 1024 * 1024;
/** The newest mutations are kept; a lab makes some hundreds. */
const maxMutations = 20_000;

export async function apiServer(api: Api, listen: HostPort, certificate: Certificate): Promise<ApiServer> {
  const held = gate();
  const sockets = new Set<Socket>();
  const watches = new Set<Cancel>();
  const mutations: Mutation[] = [];
  let refusedWith: number | undefined;

  const https = createHttps({ cert: certificate.certPem, key: certificate.keyPem }, (request, response) => {
    response.on('error', () => undefined);
    readBody(request).then(
      (body) => held.whenOpen(() => answer(request, response, body)),
      () => response.destroy(),
    );
  });
  https.on('tlsClientError', (_error, socket) => socket.destroy());
  // A socket is handed on only while the server is not stopped: otherwise not even the handshake is answered.
  const tcp = createTcp((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    held.whenOpen(() => https.emit('connection', socket));
  });

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer | undefined): void {
    const call = callOf(request, body);
    let code = 200;
    try {
      if (refusedWith !== undefined)
        throw new Refusal(refusedWith, reasonOf(refusedWith), `refused with ${refusedWith}`);
      if (body === undefined) throw tooLarge();
      code = respond(response, call, dispatch(api, { ...call, user: userOf(request) }));
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
      code = refusal.code;
      sendJson(response, call, { code, body: refusal.status });
    }
    if (!['GET', 'HEAD'].includes(call.method)) {
      mutations.push(mutationOf(request, call, code));
      if (mutations.length > maxMutations) mutations.shift();
    }
  }

  function userOf(request: IncomingMessage): Identity {
    const header = request.headers.authorization;
    if (header === undefined) return anonymous;
    const identity = api.access.identify(/^Bearer\s+(\S+)$/i.exec(header)?.[1] ?? '');
    if (identity === undefined) throw unauthorized();
    return identity;
  }

  function mutationOf(request: IncomingMessage, call: Call, code: number): Mutation {
    const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const user = (token === undefined ? anonymous : api.access.identify(token))?.user ?? 'unknown';
    const { method, userAgent, body } = call;
    return {
      atMs: api.clock.nowMs(),
      method,
      path: request.url ?? '',
      user,
      userAgent,
      body,
      dryRun: isDryRun(call),
      code,
    };
  }

  function respond(response: ServerResponse, call: Call, outcome: Outcome): number {
    switch (outcome.kind) {
      case 'text':
        response.writeHead(200, { 'content-type': 'text/plain' }).end(outcome.text);
        return 200;
      case 'answer':
        sendJson(response, call, outcome.answer);
        return outcome.answer.code;
      case 'watch':
        follow(response, outcome.start);
        return 200;
    }
  }

  function follow(response: ServerResponse, start: Extract<Outcome, { kind: 'watch' }>['start']): void {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    response.flushHeaders();
    const stop = start({
      line: (event) => held.whenOpen(() => response.write(`${JSON.stringify(event)}\n`)),
      end: () => held.whenOpen(() => response.end()),
    });
    watches.add(stop);
    response.on('close', () => {
      watches.delete(stop);
      stop();
    });
  }

  function sendJson(
    response: ServerResponse,
    call: Call,
    answer: { readonly code: number; readonly body: JsonObject },
  ): void {
    response.setHeader('audit-id', newUid(api.random));
    response.setHeader('content-type', 'application/json');
    response.setHeader('cache-control', 'no-cache, private');
    if (call.warnings.length > 0) {
      response.setHeader(
        'warning',
        call.warnings.map((warning) => `299 - ${JSON.stringify(warning)}`),
      );
    }
    if (answer.code === 429 || answer.code === 503) response.setHeader('retry-after', '1');
    response.writeHead(answer.code).end(call.method === 'HEAD' ? '' : JSON.stringify(answer.body));
  }

  tcp.listen(listen.port, listen.host);
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  return {
    url: `https://${formatHostPort({ host: listen.host, port })}`,
    mutations: () => mutations,
    hang: () => held.close(),
    refuse(code) {
      refusedWith = code;
    },
    resume() {
      refusedWith = undefined;
      held.open();
    },
    async close() {
      for (const stop of [...watches]) stop();
      const closed = new Promise<void>((resolve) => tcp.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      https.close();
      await closed;
    },
  };
}

function callOf(request: IncomingMessage, bytes: Buffer | undefined): Call {
  const url = new URL(request.url ?? '/', 'https://lab');
  const contentType = request.headers['content-type'] ?? '';
  const isProtobuf = contentType.startsWith('application/vnd.kubernetes.protobuf') && bytes !== undefined;
  const read = isProtobuf ? fromProtobuf(bytes) : undefined;
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    user: anonymous,
    userAgent: request.headers['user-agent'] ?? '',
    contentType: read === undefined ? contentType : 'application/json',
    accept: request.headers.accept ?? '',
    body: read === undefined ? (bytes?.toString() ?? '') : JSON.stringify(read),
    warnings: [],
  };
}

/** `undefined` when it is longer than the API takes. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

const reasons: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function reasonOf(code: number): string {
  return reasons[code] ?? 'Unknown';
}
