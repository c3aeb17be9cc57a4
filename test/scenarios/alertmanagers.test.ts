import { describe, expect, test } from 'vitest';
import { exchangeOf } from '../../cli/exchange.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { mistakesOf, sound } from './sound.ts';

const one = { url: 'https://alerts.example' };
const password = { env: 'ALERTS_PASSWORD' };

const single: readonly (readonly [string, unknown, string])[] = [
  [
    'a secret in the scenario',
    [{ ...one, token: 'hunter2' }],
    'alertmanagers[0].token: got a secret in the scenario, or nothing that says where it is, want { file: PATH } or { env: NAME }',
  ],
  [
    'a password in a URL',
    [{ url: 'https://me:hunter2@alerts.example' }],
    'alertmanagers[0].url: got a user or password in a URL, want basicAuth, or token',
  ],
  [
    'a URL with a query',
    [{ url: 'https://alerts.example/?a=b' }],
    'alertmanagers[0].url: got "https://alerts.example/?a=b", want a URL without ? and #: /api/v2/alerts is put behind its path',
  ],
  [
    'two ways to show who asks',
    [{ ...one, token: { env: 'TOKEN' }, basicAuth: { username: 'me', password } }],
    'alertmanagers[0]: got both token and basicAuth, want one of them',
  ],
  [
    'a label that alerts have already',
    [{ ...one, labels: { severity: 'page' } }],
    'alertmanagers[0].labels.severity: got "severity", want a label of your own: alerts of ours have this one',
  ],
  [
    'a label that is none',
    [{ ...one, labels: { 'my-cluster': 'eu' } }],
    'alertmanagers[0].labels.my-cluster: got "my-cluster", want a label of letters, digits and underscores, such as cluster',
  ],
  [
    'two Alertmanagers at one host without names',
    [one, one],
    'alertmanagers[1].name: got "alerts.example" a second time, want a name that no other has',
  ],
];

describe('alertmanagers of a scenario', () => {
  for (const [claim, value, mistake] of single) {
    test(`with ${claim} say so, and nothing else`, () => {
      expect(mistakesOf({ ...sound(), alertmanagers: value })).toEqual([mistake]);
    });
  }

  test('have defaults', () => {
    expect(parseScenario({ ...sound(), alertmanagers: [one] }).alertmanagers).toEqual([
      { ...one, name: 'alerts.example', token: null, basicAuth: null, labels: {}, timeoutMs: 10_000 },
    ]);
  });

  test('get their secrets where they are used, and a secret that is not there is a mistake', () => {
    const alertmanagers = [
      one,
      { ...one, name: 'b', token: { env: 'ALERTS_TOKEN' } },
      { ...one, name: 'c', basicAuth: { username: 'me', password } },
    ];
    const scenario = parseScenario({ ...sound(), alertmanagers });
    const made = exchangeOf(scenario, { ALERTS_TOKEN: 't', ALERTS_PASSWORD: 'p' }).alertmanagers;
    expect(made.map(({ authorization }) => authorization?.() ?? null)).toEqual([null, 'Bearer t', 'Basic bWU6cA==']);
    expect(() => exchangeOf(scenario, { ALERTS_TOKEN: 't' })).toThrow(
      'alertmanagers[2].basicAuth.password: got "ALERTS_PASSWORD", want a secret that can be read (not set)',
    );
  });
});
