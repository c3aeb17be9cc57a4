/** The ledger over HTTP: `POST /v1/ledger`, `GET /v1/ledger/PREFIX`, `DELETE /v1/ledger/ID` or `/v1/ledger/PREFIX*`. */
import type { Json } from '../../contract/json.ts';
import { isObject } from '../../contract/json.ts';
import type { Ledger } from './ledger.ts';
import { largestBodyBytes, type ServiceRequest } from './request.ts';
import { type Answer, json } from './service.ts';

/** `register` takes the same, of one region at a time alone. */
const shape = /^\/v1\/(ledger|register)(?:\/([\w.-]+\*?))?$/;

/** `undefined` where the path is another's. Whoever asks has passed the residency guard. */
export function ledgerPage(
  ledger: Ledger,
  region: string,
  request: ServiceRequest,
  body: string | null,
): Answer | undefined {
  const [, kind, name] = shape.exec(request.path) ?? [];
  if (kind === undefined) return undefined;
  if (request.method === 'POST' && name === undefined) {
    if (kind === 'register' && !ledger.isWriter()) return json(409, { error: `${region} takes no writes now` });
    return put(ledger, region, request.country, body);
  }
  if (request.method === 'GET' && name !== undefined) return json(200, { entries: ledger.startingWith(name) });
  if (request.method === 'DELETE' && name !== undefined) return erase(ledger, name);
  return json(405, { error: name === undefined ? 'want POST' : 'want GET or DELETE' });
}

function put(ledger: Ledger, region: string, country: string, body: string | null): Answer {
  if (body === null) return json(413, { error: `want a body of at most ${largestBodyBytes} bytes` });
  const id = idIn(body);
  if (id === null) return json(400, { error: 'want a JSON object with an id of letters, digits, dots and dashes' });
  return ledger.put({ id, country })
    ? json(201, { id }, { 'x-stored-in': region })
    : json(409, { error: `${id} is there already` });
}

function erase(ledger: Ledger, name: string): Answer {
  const ids = name.endsWith('*') ? ledger.startingWith(name.slice(0, -1)).map(({ id }) => id) : [name];
  const erased = [...new Set(ids)].filter((id) => ledger.erase(id));
  return erased.length === 0 ? json(404, { id: name }) : json(200, { erased: erased.length });
}

function idIn(body: string): string | null {
  try {
    const value = JSON.parse(body) as Json;
    return isObject(value) && typeof value['id'] === 'string' && /^[\w.-]+$/.test(value['id']) ? value['id'] : null;
  } catch {
    return null;
  }
}
