/** Answers as blackbox_exporter gives them, so that nobody's script notices who answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';

const zip = promisify(gzip);
/** To hand less than this to another thread takes longer than to pack it here, in a tenth of a millisecond. */
const packedHereLength = 16_384;
/** Of little memory: to make it ready takes longest. */
const small = { level: 1, memLevel: 5, windowBits: 12 };

export function answer(response: ServerResponse, status: number, type: string, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length }).end(body);
}

/** A mistake of whoever asks, in one line. */
export function refuse(response: ServerResponse, status: number, mistake: string): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  answer(response, status, 'text/plain; charset=utf-8', `${mistake}\n`);
}

/** Packed for those who take it so. */
export async function answerPacked(
  request: IncomingMessage,
  response: ServerResponse,
  type: string,
  text: string,
): Promise<void> {
  if (!takesGzip(String(request.headers['accept-encoding'] ?? ''))) return answer(response, 200, type, text);
  const body = text.length < packedHereLength ? gzipSync(text, small) : await zip(text);
  response
    .writeHead(200, { 'Content-Type': type, 'Content-Encoding': 'gzip', 'Content-Length': body.length })
    .end(body);
}

function takesGzip(accepted: string): boolean {
  for (const one of accepted.split(',')) {
    const [name = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    if (name !== 'gzip') continue;
    return !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  }
  return false;
}
