/** An HTTP proxy: passes requests on and opens tunnels, and remembers what it was asked. */
import { request as ask, createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';

export type ProxyHeard = {
  readonly method: string;
  /** What it was asked for, as it stood. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
};

export type Refusal = (heard: ProxyHeard) => number | undefined;

/** Names are looked up in `names`; others are literals. `pem`: it is spoken to over TLS. */
export function proxyServer(
  options: {
    readonly names?: Readonly<Record<string, string>>;
    readonly refuse?: Refusal;
    readonly pem?: { readonly cert: string; readonly key: string };
  } = {},
): Server & { readonly heard: ProxyHeard[] } {
  const { names = {}, refuse } = options;
  const heard: ProxyHeard[] = [];
  function note(message: IncomingMessage): number | undefined {
    const one = { method: message.method ?? '', url: message.url ?? '', headers: message.headers };
    heard.push(one);
    return refuse?.(one);
  }
  const pass: RequestListener = (request, response) => {
    const refused = note(request);
    if (refused !== undefined) return void response.writeHead(refused).end();
    const url = new URL(request.url ?? '');
    const { method, headers } = request;
    const place = { host: names[url.hostname] ?? url.hostname, port: url.port, path: url.pathname + url.search };
    const onward = ask({ ...place, ...(method === undefined ? {} : { method }), headers, setHost: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    return void request.pipe(onward);
  };
  const { pem } = options;
  const server: Server = pem === undefined ? createServer(pass) : (createTlsServer(pem, pass) as unknown as Server);
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => undefined);
    const refused = note(request);
    if (refused !== undefined) return void socket.end(`HTTP/1.1 ${refused} No\r\nContent-Length: 2\r\n\r\nno`);
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(request.url ?? '') ?? [];
    const onward = connect(Number(port), names[host] ?? host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    return undefined;
  });
  return Object.assign(server, { heard });
}
