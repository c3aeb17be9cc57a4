/** One hop: a connection of its own, one request, one answer; nothing of it is left open. */
import type { Failure } from '../../prober.ts';
import type { TlsFacts } from '../../tls/facts.ts';
import type { AnswerHead, Exchanged, Taker } from './answer.ts';
import { askOverHttp1 } from './http1.ts';
import { askOverHttp2 } from './http2.ts';
import { type Line, type Opening, openLine } from './line.ts';
import type { Headers } from './message.ts';
import { hostOf, nameOfHost } from './places.ts';

export type HopRequest = {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Buffer | null;
  /** Instead of the URL's, for `Host` and for whom the certificate is to name. */
  readonly host?: string | undefined;
  /** Whom the certificate is to name, instead of either. */
  readonly tlsServerName?: string | undefined;
};

export type Hopped = {
  readonly tls: TlsFacts | null;
  readonly head: AnswerHead | null;
  readonly failure: Failure | null;
};

export async function hop(request: HopRequest, take: Taker, opening: Opening): Promise<Hopped> {
  const { url, host } = request;
  if (url.protocol === 'http:' && !opening.terms.httpVersions.includes('1.1')) {
    const reason = 'HTTP/2: got http://, want https://, where it can be agreed';
    return { tls: null, head: null, failure: { failedAt: 'agent', reason } };
  }
  const tlsName = request.tlsServerName ?? (host === undefined ? hostOf(url) : nameOfHost(host));
  try {
    const opened = await openLine(url, tlsName, opening);
    if (!opened.ok) return { tls: null, head: null, failure: opened.failure };
    return { tls: opened.line.tls, ...(await ask(request, opened.line, take, opening)) };
  } finally {
    for (const socket of opening.sockets.splice(0)) socket.destroy();
  }
}

function ask(request: HopRequest, line: Line, take: Taker, { watch, ending }: Opening): Promise<Exchanged> {
  const { url, method, body } = request;
  const message = {
    method,
    body,
    headers: request.headers,
    host: request.host ?? url.host,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    path: url.pathname + url.search,
  } as const;
  if (line.tls?.alpn === 'h2') return askOverHttp2(line.socket, message, take, watch, ending);
  if (line.forwarding === null) return askOverHttp1(line.socket, message, take, watch, ending);
  const { host, authorization } = line.forwarding;
  const port = url.port === '' ? '' : `:${url.port}`;
  const own = authorization === undefined ? [] : ([['Proxy-Authorization', authorization]] as const);
  const absolute = {
    ...message,
    path: `http://${host}${port}${message.path}`,
    headers: [...message.headers.filter(([name]) => name !== 'Proxy-Authorization' || own.length === 0), ...own],
  };
  return askOverHttp1(line.socket, absolute, take, watch, ending);
}
