/** What an answer to Health/Check comes to: a status, and whether the service is served. */
import { type Failure, shown } from '../prober.ts';
import { readHealthResponse, type Serving, servings, unframe } from './message.ts';
import type { Answer } from './reading.ts';
import { readMessage, readStatus, type StatusName, statusNumber, statusOfHttp, statusText } from './status.ts';

export type Told = {
  readonly ok: boolean;
  readonly failure: Failure | null;
  /** As the server said it; `null` where it said none. */
  readonly grpcStatus: number | null;
  /** What a gRPC client makes of it: `grpcStatus`, or one of its own for what the connection or HTTP showed. */
  readonly clientStatus: number;
  readonly serving: Serving | null;
  /** A value of what the server said beside its message, before it or behind it. */
  readonly metadata: (name: string) => string | undefined;
};

export function untold(failure: Failure, status: StatusName): Told {
  return {
    ok: false,
    failure,
    grpcStatus: null,
    clientStatus: statusNumber(status),
    serving: null,
    metadata: () => undefined,
  };
}

/** An answer that is not gRPC's was given by somebody between: its HTTP status says what a client takes it for. */
export function tell({ headers, trailers, body }: Answer): Told {
  function bad(reason: string, status: StatusName): Told {
    return { ...untold({ failedAt: 'answer', reason }, status), metadata };
  }
  const metadata = (name: string): string | undefined => headers[name] ?? trailers?.[name];
  const httpStatus = Number(headers[':status']);
  if (httpStatus !== 200) return bad(`HTTP status: got ${httpStatus}, want 200`, statusOfHttp(httpStatus));
  const type = headers['content-type'] ?? 'none';
  if (!/^application\/grpc(?:[+;]|$)/i.test(type)) {
    return bad(`content-type: got ${shown(type)}, want application/grpc`, 'UNKNOWN');
  }
  const closing = trailers ?? headers;
  const text = closing['grpc-status'];
  if (text === undefined) return bad('grpc-status: got none, want it behind the answer', 'UNKNOWN');
  const grpcStatus = readStatus(text);
  if (grpcStatus === null) return bad(`grpc-status: got ${shown(text)}, want a number`, 'UNKNOWN');
  const said = { grpcStatus, clientStatus: grpcStatus };
  if (grpcStatus !== 0) {
    const words = readMessage(closing['grpc-message'] ?? '');
    const quoted = words === '' ? '' : ` ${JSON.stringify(shown(words))}`;
    return { ...bad(`grpc-status: got ${statusText(grpcStatus)}${quoted}, want 0 OK`, 'UNKNOWN'), ...said };
  }
  const read = readServing(body, headers['grpc-encoding'] ?? 'identity');
  if ('mistake' in read) return { ...bad(`answer: ${read.mistake}`, 'INTERNAL'), grpcStatus };
  const serving = servings[read.number] ?? null;
  if (serving === 'SERVING') return { ok: true, failure: null, ...said, serving, metadata };
  return { ...bad(`health: got ${serving ?? `status ${read.number}`}, want SERVING`, 'OK'), ...said, serving };
}

function readServing(body: Buffer, encoding: string): { readonly number: number } | { readonly mistake: string } {
  const message = unframe(body, encoding);
  if (!message.ok) return message;
  const read = readHealthResponse(message.value);
  return read.ok ? { number: read.value } : read;
}
