import { Trouble, type TroubleKind } from '../../trouble.ts';
import type { ApiAnswer } from './transport.ts';

const kinds: Readonly<Record<number, TroubleKind>> = {
  401: 'wrong-input',
  403: 'forbidden',
  404: 'missing',
  409: 'taken',
  429: 'unreachable',
  500: 'unreachable',
  502: 'unreachable',
  503: 'unreachable',
  504: 'unreachable',
};

/** The body of a good answer; anything else is a `Trouble` that says what was asked and what was said. */
export function bodyOf(answer: ApiAnswer, asked: string): Readonly<Record<string, unknown>> {
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  throw troubleOf(answer, asked);
}

/** What a refusal means for a drill. */
export function troubleOf({ status, body, retryAfterMs }: ApiAnswer, asked: string): Trouble {
  const said = typeof body['message'] === 'string' && body['message'] !== '' ? body['message'] : 'no message';
  const kind = kinds[status] ?? 'rejected';
  if (status === 401)
    return new Trouble(kind, `${asked}: the cluster does not accept these credentials (401: ${said})`);
  if (status === 403) return new Trouble(kind, `${asked}: not permitted (403: ${said})`);
  if (status === 404) return new Trouble(kind, `${asked}: there is none (404: ${said})`);
  const wait = retryAfterMs === undefined ? '' : `; it asks to be left alone for ${retryAfterMs / 1_000} s`;
  return new Trouble(kind, `${asked}: the cluster answered ${status}: ${said}${wait}`);
}
