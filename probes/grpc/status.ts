/** gRPC's status codes: their names, and which of them a client makes of an answer that has none. */

/** By number: `statusNames[14]` is `UNAVAILABLE`. */
const statusNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;
export type StatusName = (typeof statusNames)[number];

/** `14 UNAVAILABLE`; `99` where the number has no name. */
export function statusText(status: number): string {
  const name = statusNames[status];
  return name === undefined ? `${status}` : `${status} ${name}`;
}

export function statusNumber(name: StatusName): number {
  return statusNames.indexOf(name);
}

/** The status of `grpc-status`; `null` where that is no number. */
export function readStatus(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** What `grpc-message` says: percent-encoded UTF-8, and as it came where it is not that. */
export function readMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** gRPC over HTTP/2, "HTTP to gRPC status code mapping": of an answer that somebody between gave. */
export function statusOfHttp(httpStatus: number): StatusName {
  return httpStatuses[httpStatus] ?? 'UNKNOWN';
}

const httpStatuses: Readonly<Record<number, StatusName>> = {
  400: 'INTERNAL',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};
