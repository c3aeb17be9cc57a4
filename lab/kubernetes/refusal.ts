/** What the API says when it says no: a Status object, thrown by handlers and caught once, by the server. */
import type { Json, JsonObject } from '../../contract/json.ts';
import { qualified } from './resources.ts';

export class Refusal extends Error {
  readonly status: JsonObject;
  readonly code: number;
  constructor(code: number, reason: string, message: string, details?: JsonObject) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

export type Named = { readonly group: string; readonly plural: string };

function detailsOf(of: Named, name: string, rest: JsonObject = {}): JsonObject {
  return { name, ...(of.group === '' ? {} : { group: of.group }), kind: of.plural, ...rest };
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, 'BadRequest', message);
}

export function unauthorized(): Refusal {
  return new Refusal(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(of: Named, name: string, why: string): Refusal {
  const named = name === '' ? qualified(of) : `${qualified(of)} ${JSON.stringify(name)}`;
  return new Refusal(403, 'Forbidden', `${named} is forbidden: ${why}`, detailsOf(of, name));
}

export function notFound(of: Named, name: string): Refusal {
  return new Refusal(404, 'NotFound', `${qualified(of)} ${JSON.stringify(name)} not found`, detailsOf(of, name));
}

export function noSuchPath(): Refusal {
  return new Refusal(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function methodNotAllowed(): Refusal {
  const message = 'the server does not allow this method on the requested resource';
  return new Refusal(405, 'MethodNotAllowed', message, {});
}

export function alreadyExists(of: Named, name: string): Refusal {
  const message = `${qualified(of)} ${JSON.stringify(name)} already exists`;
  return new Refusal(409, 'AlreadyExists', message, detailsOf(of, name));
}

const modified = 'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(of: Named, name: string, why = modified): Refusal {
  const message = `Operation cannot be fulfilled on ${qualified(of)} ${JSON.stringify(name)}: ${why}`;
  return new Refusal(409, 'Conflict', message, detailsOf(of, name));
}

/** A watch or list from a version that is no longer known. */
export function expired(asked: string, oldest: number): Refusal {
  return new Refusal(410, 'Expired', `too old resource version: ${asked} (${oldest})`);
}

export function tooLarge(): Refusal {
  return new Refusal(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728');
}

export function unsupportedMediaType(accepted: readonly string[]): Refusal {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new Refusal(415, 'UnsupportedMediaType', message);
}

/** A JSON patch that does not apply: the real server gives no reason in its message. */
export function patchFailed(): Refusal {
  return new Refusal(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

export type Cause = { readonly field: string; readonly reason: string; readonly message: string };

export function invalidValue(field: string, value: Json, why: string): Cause {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

export function required(field: string, why: string): Cause {
  return { field, reason: 'FieldValueRequired', message: why === '' ? 'Required value' : `Required value: ${why}` };
}

export function notAllowed(field: string, why: string): Cause {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${why}` };
}

/** 422 with every cause. `kind` is `Deployment.apps`. */
export function invalid(
  kind: { readonly kind: string; readonly group: string },
  name: string,
  causes: readonly Cause[],
): Refusal {
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new Refusal(422, 'Invalid', `${qualifiedKind} ${JSON.stringify(name)} is invalid: ${all}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: causes.map(({ field, reason, message }) => ({ reason, message, field })),
  });
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

/** A refusal for no reason but that a test wants it. */
export function refusedWith(code: number): Refusal {
  return new Refusal(code, reasons[code] ?? 'Unknown', `the server answers everything with ${code}`);
}
