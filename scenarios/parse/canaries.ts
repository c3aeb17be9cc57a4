import type { CanaryPlan, CanaryRequest } from '../canaries.ts';
import { residencyRuleFor, type Scenario } from '../scenario.ts';
import { secret } from './exchange.ts';
import type { Names } from './names.ts';
import {
  type At,
  choice,
  dictionary,
  list,
  object,
  oneOrMore,
  optional,
  type Read,
  required,
  shown,
} from './reader.ts';
import {
  address,
  body,
  country,
  durationMs,
  headerName,
  headerValue,
  jsonPath,
  method,
  oneOf,
  path,
  statusCode,
  url,
} from './values.ts';

const defaults = { everyMs: 250, timeoutMs: 2_000, settleMs: 10_000 };
/** What is filled in for each request. */
const placeholders = ['id', 'seq', 'region', 'drill', 'country'] as const;

/** A slip in a placeholder would be written as it stands, and nobody would find the record again. */
function filled(read: Read<string>): Read<string> {
  return (value, at) => {
    const found = read(value, at);
    const known: readonly string[] = placeholders;
    const odd = [...(found ?? '').matchAll(/\{([A-Za-z]\w*)\}/g)].find(([, name]) => !known.includes(name ?? ''));
    const braced = placeholders.map((name) => `{${name}}`);
    return odd === undefined ? found : at.note(shown(odd[0]), choice(braced, odd[0]));
  };
}

function http(defaultMethod: string): Read<CanaryRequest> {
  const read = object({
    path: optional(filled(path), null),
    url: optional(filled(urlTemplate), null),
    method: optional(method, defaultMethod),
    headers: optional(dictionary(filled(headerValue), headerName), {}),
    body: optional(filled(body), null),
    token: optional(secret, null),
  });
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const { path: below, url: whole, ...rest } = found;
    if ((below === null) === (whole === null)) return at.note(below === null ? 'neither' : 'both', 'path, or url');
    return { ...rest, to: below !== null ? { path: below } : { url: whole ?? '' } };
  };
}

const urlTemplate: Read<string> = (value, at) =>
  typeof value === 'string' && url(value.replaceAll(/\{\w+\}/g, 'x'), at) !== undefined ? value : undefined;

const write = object({ http: required(http('POST')), acknowledged: optional(oneOrMore(statusCode), null) });
const read = object({ http: required(http('GET')), items: required(jsonPath), id: optional(jsonPath, '$.id') });
const erase = object({ http: required(http('DELETE')) });

const resolver: Read<string> = (value, at) =>
  value === 'system' || value === 'authorities' ? value : address(value, at);

export function canaryPlan(names: Names): Read<CanaryPlan> {
  const shape = object({
    write: required(write),
    read: required(read),
    erase: required(erase),
    writers: optional(oneOf(['each', 'one']), 'each' as const),
    regions: optional(list(oneOf(names.regions), 1), null),
    entries: optional(list(oneOf(names.entries)), null),
    userCountry: optional(country, null),
    resolver: optional(resolver, 'system'),
    every: optional(durationMs(50, 60_000), defaults.everyMs),
    timeout: optional(durationMs(100, 60_000), defaults.timeoutMs),
    rpo: required(durationMs()),
    settle: optional(durationMs(100), defaults.settleMs),
  });
  return (value, at) => {
    const found = shape(value, at);
    if (found === undefined) return undefined;
    const { write: writing, read: reading, erase: erasing, every, timeout, rpo, settle, ...rest } = found;
    noteUnfound(found, at, names);
    return {
      ...rest,
      write: { ...writing.http, acknowledged: writing.acknowledged },
      read: { ...reading.http, items: reading.items, id: reading.id },
      erase: erasing.http,
      everyMs: every,
      timeoutMs: timeout,
      rpoMs: rpo,
      settleMs: settle,
    };
  };
}

type Written = {
  readonly write: { readonly http: CanaryRequest };
  readonly read: { readonly http: CanaryRequest };
  readonly erase: { readonly http: CanaryRequest };
  readonly entries: readonly string[] | null;
  readonly userCountry: string | null;
  readonly resolver: string;
  readonly every: number;
  readonly rpo: number;
};

/** What could never show a thing, or never be erased again. */
function noteUnfound({ write: writing, read: reading, erase: erasing, ...rest }: Written, at: At, names: Names): void {
  const says = ({ to, body: text, headers }: CanaryRequest, word: string): boolean =>
    [...Object.values(to), text ?? '', ...Object.values(headers)].some((part) => part.includes(word));
  if (!says(writing.http, '{id}')) at.in('write').in('http').note('no {id}', 'a path or a body with {id} in it');
  if (!says(erasing.http, '{id}') && !says(erasing.http, '{drill}')) {
    at.in('erase')
      .in('http')
      .note('neither {id} nor {drill}', 'a request that erases one record, or those of one drill');
  }
  for (const [key, request] of [
    ['write', writing.http],
    ['read', reading.http],
    ['erase', erasing.http],
  ] as const) {
    if ('url' in request.to && !request.to.url.includes('{region}')) {
      at.in(key).in('http').in('url').note(shown(request.to.url), 'a URL with {region} in it: each region has a store');
    }
  }
  if ('url' in writing.http.to && (rest.entries ?? []).length > 0) {
    at.in('entries').note(shown(rest.entries), 'a write with a path: a whole URL leads past the entry names');
  }
  if (rest.userCountry !== null && !names.userCountry) {
    at.in('userCountry').note(shown(rest.userCountry), 'identity.userCountry, the header that carries it');
  }
  if (rest.resolver === 'authorities' && !names.nameservers) {
    at.in('resolver').note('"authorities"', 'a zone with nameservers, system, or an address and a port');
  }
  if (rest.rpo < 2 * rest.every) {
    at.in('rpo').note(
      `${rest.rpo}ms`,
      `at least ${2 * rest.every}ms, twice "every": what is shorter is between two writes`,
    );
  }
}

/** Canaries never go where a residency rule forbids it, so their user has to be one who may be there. */
export function noteForbidden(scenario: Pick<Scenario, 'residency' | 'regions' | 'drills'>, drillsAt: At): void {
  for (const [index, { canaries = null }] of scenario.drills.entries()) {
    if (canaries === null || scenario.residency.length === 0) continue;
    const at = drillsAt.in(index).in('canaries');
    const { userCountry } = canaries;
    if (userCountry === null) {
      at.in('userCountry').note(
        'nothing',
        'a country whose residency rule lets its records be in the regions written to',
      );
      continue;
    }
    const rule = residencyRuleFor(scenario, userCountry);
    const isOutside = (region: string): boolean => {
      const jurisdiction = scenario.regions[region]?.jurisdiction ?? '';
      return [rule?.servedIn ?? null, rule?.storedIn ?? null].some(
        (within) => within !== null && !within.includes(jurisdiction),
      );
    };
    const all = Object.keys(scenario.regions);
    const forbidden = (canaries.regions ?? []).filter(isOutside);
    if (forbidden.length > 0 || all.every(isOutside)) {
      at.in('userCountry').note(
        shown(userCountry),
        `a country whose records may be in ${(canaries.regions ?? all).join(', ')}`,
      );
    }
    if ((canaries.entries ?? []).length > 0 && all.some(isOutside)) {
      const where = all.filter(isOutside).join(', ');
      at.in('entries').note(
        shown(canaries.entries),
        `none: a name may lead a user of ${userCountry} to ${where}, where a rule forbids it`,
      );
    }
  }
}
