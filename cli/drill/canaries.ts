import type { CanaryAccess } from '../../chaos/canaries/ask.ts';
import { canaryHttp } from '../../chaos/canaries/http.ts';
import { secretOf } from '../exchange.ts';
import type { Io } from '../io.ts';

/** What numbered writes go through: real connections, and secrets of files and of the environment. */
export function canaryAccess(io: Io): CanaryAccess {
  return { http: canaryHttp, secret: (reference) => secretOf(reference, io.env) };
}
