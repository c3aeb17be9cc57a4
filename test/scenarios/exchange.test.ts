import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../scenarios/define.ts';
import { mistakesOf, sound } from './sound.ts';

const receiver = { url: 'https://metrics.example/api/v1/write' };
const server = { name: 'eu', url: 'https://eu.example/federate', match: ['up'] };

const single: readonly (readonly [string, string, unknown, string])[] = [
  [
    'a receiver with its secret in the scenario',
    'remoteWrite',
    [{ ...receiver, token: 'hunter2' }],
    'remoteWrite[0].token: got a secret in the scenario, or nothing that says where it is, want { file: PATH } or { env: NAME }',
  ],
  [
    'a receiver of a version that is none',
    'remoteWrite',
    [{ ...receiver, version: '2.0' }],
    'remoteWrite[0].version: got "2.0", want 1 or 2',
  ],
  [
    'a header that is not its own to set',
    'remoteWrite',
    [{ ...receiver, headers: { Authorization: 'Basic x' } }],
    'remoteWrite[0].headers.Authorization: got "Authorization", want a header of your own: this one is set by remote write, or by token',
  ],
  [
    'two receivers at one host without names',
    'remoteWrite',
    [receiver, receiver],
    'remoteWrite[1].name: got "metrics.example" a second time, want a name that no other has',
  ],
  [
    'a server of which nothing is to be read',
    'federate',
    [{ ...server, match: [] }],
    'federate[0].match: got an empty list, want a list of at least 1',
  ],
  [
    'labels that are honored in quotes',
    'federate',
    [{ ...server, honorLabels: 'true' }],
    'federate[0].honorLabels: got "true", want true or false',
  ],
];

describe('a scenario', () => {
  for (const [claim, key, value, mistake] of single) {
    test(`with ${claim} says so, and nothing else`, () => {
      expect(mistakesOf({ ...sound(), [key]: value })).toEqual([mistake]);
    });
  }

  test('gives receivers and servers their defaults', () => {
    const token = { file: 'secrets/token' };
    const { remoteWrite, federate } = parseScenario({
      ...sound(),
      remoteWrite: [{ ...receiver, token }],
      federate: [server],
    });
    expect(remoteWrite).toEqual([
      {
        ...receiver,
        name: 'metrics.example',
        version: 1,
        headers: {},
        token,
        everyMs: 15_000,
        keep: [],
        histograms: 'classic',
      },
    ]);
    expect(federate).toEqual([
      {
        ...server,
        region: null,
        honorLabels: false,
        everyMs: 15_000,
        timeoutMs: 10_000,
        stalenessMs: 300_000,
        token: null,
      },
    ]);
  });
});
