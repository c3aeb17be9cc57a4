import type { IncomingMessage } from 'node:http';

/** A request as the service sees it. */
export type ServiceRequest = {
  readonly method: string;
  readonly path: string;
  /** First label of the Host header: which name led here. `direct` for an address. */
  readonly entry: string;
  /** ISO 3166-1 alpha-2, `unknown` when the client did not say. */
  readonly country: string;
  readonly client: 'user' | 'probe';
  readonly source: string;
};

export const largestBodyBytes = 65_536;

export function parseRequest(message: IncomingMessage): ServiceRequest {
  const [path = '/'] = (message.url ?? '/').split('?', 1);
  const agent = message.headers['user-agent'] ?? '';
  return {
    method: message.method === 'HEAD' ? 'GET' : (message.method ?? 'GET'),
    path,
    entry: entryOf(message.headers.host ?? ''),
    country: countryOf(message.headers['x-user-country']),
    client: agent.startsWith('blackstart') ? 'probe' : 'user',
    source: message.socket.remoteAddress ?? '',
  };
}

function entryOf(host: string): string {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (name === '' || name.startsWith('[') || /^[\d.]+$/.test(name)) return 'direct';
  const [label = ''] = name.split('.', 1);
  return /^[a-z0-9_-]{1,63}$/.test(label) ? label : 'other';
}

function countryOf(header: string | string[] | undefined): string {
  const country = typeof header === 'string' ? header.trim().toUpperCase() : '';
  return /^[A-Z]{2}$/.test(country) ? country : 'unknown';
}

/** Calls `then` once, with the whole body as text, or with `null` when it is larger than is taken. */
export function readBody(message: IncomingMessage, then: (body: string | null) => void): void {
  if (message.method === 'GET' || message.method === 'HEAD') {
    message.resume();
    then('');
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  message.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= largestBodyBytes) chunks.push(chunk);
  });
  message.once('end', () => then(bytes > largestBodyBytes ? null : Buffer.concat(chunks).toString('utf8')));
}
