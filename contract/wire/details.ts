/** What an agent says beside an outcome, as far as readers rely on it: the types that are named, and an end to the rest. */
import { isObject } from '../json.ts';
import type { Details } from '../result.ts';

const maxTextLength = 4_096;
const maxAnswers = 256;
/** Deep enough for anything that a prober has to say; without an end, writing it down again would overflow the stack. */
const maxDepth = 8;

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= maxTextLength;
}
function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}
function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length <= maxAnswers && value.every(isText);
}

const fields: { readonly [K in keyof Required<Details>]: (value: unknown) => boolean } = {
  address: isText,
  status: isNumber,
  storedIn: isText,
  requestId: isText,
  answers: areTexts,
  ttlSeconds: isNumber,
  scopeLength: isNumber,
  server: isText,
  rcode: isText,
  userCountry: isText,
  leak: (value) => value === true,
  connection: isNumber,
  connectedAtMs: isNumber,
  traceId: isText,
  extra: isObject,
};

/** Fields of other names may come from a newer agent; of those only the depth is bounded. */
export function isDetails(value: unknown): value is Details {
  if (!isObject(value)) return false;
  for (const name of Object.keys(value)) {
    const holds = Object.hasOwn(fields, name) ? fields[name as keyof Details] : () => true;
    if (!holds(value[name]) || !isShallow(value[name], maxDepth)) return false;
  }
  return true;
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}
