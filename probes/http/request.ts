/** An HTTP/1.1 request as bytes. */

export type HttpRequest = {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The span that the request is. A header of this name that the check gives stays as it is. */
  readonly traceparent?: string | undefined;
};

export const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** No line ends and no NUL: otherwise a value could make headers of its own. */
export const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The request's bytes, or what is wrong with it. Given headers replace ours of the same name. */
export function writeRequest(request: HttpRequest, keepOpen: boolean): Buffer | { readonly mistake: string } {
  const { url, method } = request;
  if (!tokenPattern.test(method)) return { mistake: `method: got ${JSON.stringify(method)}, want a token such as GET` };
  const body = request.body === null ? undefined : Buffer.from(request.body, 'utf8');
  const headers = headersOf(request, body?.length, keepOpen);
  for (const [name, value] of headers) {
    if (!tokenPattern.test(name)) return { mistake: `header name: got ${JSON.stringify(name)}, want a token` };
    if (!valuePattern.test(value)) return { mistake: `header ${name}: got a line end or a control character in it` };
  }
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return body === undefined ? head : Buffer.concat([head, body]);
}

function headersOf(request: HttpRequest, bodyBytes: number | undefined, keepOpen: boolean): Map<string, string> {
  const { url, method } = request;
  const headers = new Map([
    ['host', url.host],
    ['user-agent', 'blackstart'],
    ['accept', '*/*'],
  ]);
  if (request.traceparent !== undefined) headers.set('traceparent', request.traceparent);
  if (url.username !== '') {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.set('authorization', `Basic ${Buffer.from(user).toString('base64')}`);
  }
  for (const [name, value] of Object.entries(request.headers)) headers.set(name.toLowerCase(), value);
  // These decide where the messages end: never another's word.
  headers.set('connection', keepOpen ? 'keep-alive' : 'close');
  headers.delete('transfer-encoding');
  headers.delete('content-length');
  if (bodyBytes !== undefined || method === 'POST' || method === 'PUT' || method === 'PATCH') {
    headers.set('content-length', String(bodyBytes ?? 0));
  }
  return headers;
}
