/** From an outcome to bytes: JSON with the headers that the real server sends, or a stream of events. */
import type { ServerResponse } from 'node:http';
import type { Cancel } from '../../contract/clock.ts';
import type { JsonObject } from '../../contract/json.ts';
import type { Call } from './call.ts';
import type { Outcome } from './dispatch.ts';
import type { Gate } from './gate.ts';

const jsonHeaders = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' };

export function sendJson(
  response: ServerResponse,
  call: Call,
  answer: { readonly code: number; readonly body: JsonObject; readonly auditId: string },
): void {
  response.setHeader('audit-id', answer.auditId);
  if (call.warnings.length > 0) {
    response.setHeader(
      'warning',
      call.warnings.map((text) => `299 - ${JSON.stringify(text)}`),
    );
  }
  if (answer.code === 429 || answer.code === 503) response.setHeader('retry-after', '1');
  response.writeHead(answer.code, jsonHeaders);
  response.end(call.method === 'HEAD' ? '' : JSON.stringify(answer.body));
}

/** Streams a watch through the gate until it ends or the caller hangs up; the returned function ends it. */
export function stream(response: ServerResponse, held: Gate, watch: Extract<Outcome, { kind: 'watch' }>): Cancel {
  response.writeHead(200, jsonHeaders);
  response.flushHeaders();
  return watch.start({
    line: (event) => held.whenOpen(() => response.write(`${JSON.stringify(event)}\n`)),
    end: () => held.whenOpen(() => response.end()),
  });
}
