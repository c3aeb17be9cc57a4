/** The API over HTTPS: who asks, what is answered, what is kept of it, and the ways in which an API server goes wrong. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HostPort } from '../../contract/address.ts';
import type { Cancel } from '../../contract/clock.ts';
import type { Certificate } from '../certificates.ts';
import { anonymous, type Identity } from './access.ts';
import { type Api, type Call, isDryRun, newUid } from './call.ts';
import { dispatch } from './dispatch.ts';
import { gate } from './gate.ts';
import { fromProtobuf } from './protobuf.ts';
import { Refusal, refusedWith, tooLarge, unauthorized } from './refusal.ts';
import { sendJson, stream } from './respond.ts';
import { type Received, transport } from './transport.ts';

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

/** The newest mutations are kept; a lab makes some hundreds. */
const maxMutations = 20_000;

export async function apiServer(api: Api, listen: HostPort, certificate: Certificate): Promise<ApiServer> {
  const held = gate();
  const watches = new Set<Cancel>();
  const mutations: Mutation[] = [];
  let refusal: number | undefined;

  function answer({ request, response, body }: Received): void {
    const call = callOf(request, body);
    const user = userOf(api, request);
    let code = 200;
    try {
      if (refusal !== undefined) throw refusedWith(refusal);
      if (user === undefined) throw unauthorized();
      if (body === undefined) throw tooLarge();
      const outcome = dispatch(api, { ...call, user });
      if (outcome.kind === 'watch') followed(stream(response, held, outcome), response);
      else if (outcome.kind === 'text') response.writeHead(200, { 'content-type': 'text/plain' }).end(outcome.text);
      else {
        code = outcome.answer.code;
        sendJson(response, call, { ...outcome.answer, auditId: newUid(api.ids) });
      }
    } catch (error) {
      const refused = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
      code = refused.code;
      sendJson(response, call, { code, body: refused.status, auditId: newUid(api.ids) });
    }
    if (!['GET', 'HEAD'].includes(call.method)) keep(call, request.url ?? '', { user: user?.user ?? 'unknown', code });
  }

  function keep(call: Call, path: string, answered: { readonly user: string; readonly code: number }): void {
    const { method, userAgent, body } = call;
    mutations.push({ atMs: api.clock.nowMs(), method, path, userAgent, body, dryRun: isDryRun(call), ...answered });
    if (mutations.length > maxMutations) mutations.shift();
  }

  function followed(stop: Cancel, response: ServerResponse): void {
    watches.add(stop);
    response.on('close', () => {
      watches.delete(stop);
      stop();
    });
  }

  const { url, close } = await transport(listen, certificate, held, answer);
  return {
    url,
    mutations: () => mutations,
    hang: () => held.close(),
    refuse(code) {
      refusal = code;
    },
    resume() {
      refusal = undefined;
      held.open();
    },
    async close() {
      for (const stop of watches) stop();
      await close();
    },
  };
}

/** `undefined` for a token that is not known. */
function userOf(api: Api, request: IncomingMessage): Identity | undefined {
  const { authorization } = request.headers;
  return authorization === undefined
    ? anonymous
    : api.access.identify(/^Bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '');
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
