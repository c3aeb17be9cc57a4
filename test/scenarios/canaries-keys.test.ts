/** Keys by which a scenario says how canaries are written, read and erased. */
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf, type Source, sound } from './sound.ts';

const least = {
  write: { http: { path: '/records', body: '{"id":"{id}"}' } },
  read: { http: { path: '/records' }, items: '$.records[*]' },
  erase: { http: { path: '/records/{id}' } },
  userCountry: 'US',
  rpo: '5s',
};

function withCanaries(more: Source, without: readonly string[] = []): Source {
  const [drill] = sound()['drills'] as readonly Source[];
  const canaries = Object.fromEntries(Object.entries({ ...least, ...more }).filter(([key]) => !without.includes(key)));
  return broken(['drills', 0], { ...drill, canaries });
}

function canariesOf(source: Source) {
  return parseScenario(source).drills[0]?.canaries;
}

describe('canaries', () => {
  test('are absent unless the drill says so', () => {
    expect(canariesOf(sound())).toBeUndefined();
  });

  test('need little, and have sound defaults', () => {
    expect(canariesOf(withCanaries({}))).toMatchObject({
      write: { method: 'POST', to: { path: '/records' }, acknowledged: null, token: null },
      read: { method: 'GET', items: '$.records[*]', id: '$.id' },
      erase: { method: 'DELETE' },
      writers: 'each',
      regions: null,
      entries: null,
      resolver: 'system',
      everyMs: 250,
      timeoutMs: 2_000,
      rpoMs: 5_000,
      settleMs: 10_000,
    });
  });

  test('take secrets by reference, statuses that acknowledge, and a whole URL for a store', () => {
    const token = { env: 'CANARY_TOKEN' };
    const found = canariesOf(
      withCanaries({
        write: { http: { path: '/records', body: '{id}', token }, acknowledged: 201 },
        read: { http: { url: 'https://admin.shop.example/{region}/records', token }, items: '$[*]' },
      }),
    );
    expect(found).toMatchObject({
      write: { token, acknowledged: [201] },
      read: { to: { url: 'https://admin.shop.example/{region}/records' }, token },
    });
  });
});

const place = 'drills[0].canaries';
const mistakes: readonly (readonly [string, Source, readonly string[], string])[] = [
  [
    'without an rpo',
    {},
    ['rpo'],
    `${place}.rpo: got nothing, want a duration with a unit, such as 250ms, 30s, 4m, 1h30m or 30d`,
  ],
  [
    'with an rpo between two writes',
    { rpo: '300ms' },
    [],
    `${place}.rpo: got 300ms, want at least 500ms, twice "every": what is shorter is between two writes`,
  ],
  [
    'written without an id',
    { write: { http: { path: '/records' } } },
    [],
    `${place}.write.http: got no {id}, want a path or a body with {id} in it`,
  ],
  [
    'with a slip in a placeholder',
    { write: { http: { path: '/records/{idd}', body: '{id}' } } },
    [],
    `${place}.write.http.path: got "{idd}", want one of {id}, {seq}, {region}, {drill}, {country} (nearest: {id})`,
  ],
  [
    'that cannot be erased by name',
    { erase: { http: { path: '/records' } } },
    [],
    `${place}.erase.http: got neither {id} nor {drill}, want a request that erases one record, or those of one drill`,
  ],
  [
    'with both path and url',
    { read: { http: { path: '/a', url: 'https://a.example/{region}' }, items: '$[*]' } },
    [],
    `${place}.read.http: got both, want path, or url`,
  ],
  [
    'read at one URL for all regions',
    { read: { http: { url: 'https://a.example/' }, items: '$[*]' } },
    [],
    `${place}.read.http.url: got "https://a.example/", want a URL with {region} in it: each region has a store`,
  ],
  [
    'with a secret in the scenario',
    { write: { http: { path: '/r', body: '{id}', token: 'hunter2' } } },
    [],
    `${place}.write.http.token: got a secret in the scenario, or nothing that says where it is, want { file: PATH } or { env: NAME }`,
  ],
  [
    'of nobody, where residency rules are',
    {},
    ['userCountry'],
    `${place}.userCountry: got nothing, want a country whose residency rule lets its records be in the regions written to`,
  ],
  [
    'of a user who may not be in a region that is named',
    { userCountry: 'DE', regions: ['us-east-1'] },
    [],
    `${place}.userCountry: got "DE", want a country whose records may be in us-east-1`,
  ],
  [
    'through a name that may lead where a rule forbids it',
    { userCountry: 'DE', entries: ['api'] },
    [],
    `${place}.entries: got ["api"], want none: a name may lead a user of DE to us-east-1, where a rule forbids it`,
  ],
  [
    'in a region that is not there',
    { regions: ['mars'] },
    [],
    `${place}.regions[0]: got "mars", want one of us-east-1, eu-west-1`,
  ],
];

describe('canaries', () => {
  for (const [name, more, without, mistake] of mistakes) {
    test(`${name} are a mistake`, () => {
      expect(mistakesOf(withCanaries(more, without))).toEqual([mistake]);
    });
  }
});
