/** docs/drills/aws.md: the rights it lists are those that the calls need, neither fewer nor more. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AccountAction } from '../../chaos/account.ts';
import { caller } from '../../chaos/cloud/aws/call.ts';
import { targetOf } from '../../chaos/cloud/aws/universal.ts';
import { scheduleName, untilNothingArrivesMs } from '../../chaos/faults/account/schedule.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { instantClock } from '../fakes/instant-clock.ts';
import { type Source, sound } from '../scenarios/sound.ts';
import { codeIn, flowing, pageText, rowsOf } from './pages.ts';

const page = pageText('aws.md');
const folder = join(import.meta.dirname, '../../chaos/cloud/aws');
const open = new AbortController().signal;

type Statement = { readonly Effect: string; readonly Action: string | string[]; readonly Resource: string | string[] };

const policies = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(
  ([, text]) => (JSON.parse(text ?? '') as { readonly Statement: readonly Statement[] }).Statement,
);
const [ofCalls = [], ofSchedules = []] = policies;

function actionsOf(statements: readonly Statement[]): readonly string[] {
  return statements.flatMap(({ Action }) => Action).toSorted();
}

/** `DescribeServices`, of every request that a source makes. */
function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/new sdk\.(\w+)Command\(/g)].map(([, command]) => command ?? '');
}

/** Rights that the sources need, by the client that each of them loads. */
const needed = readdirSync(folder).flatMap((name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const [, client] = /await import\('@aws-sdk\/client-([\w-]+)'\)/.exec(text) ?? [];
  return commandsIn(text).map((command) => `${client?.replaceAll('-', '')}:${command}`);
});
/** Asks what the name servers would say: no drill does. */
const notOfDrills = 'route53:TestDNSAnswer';
const rights = [...new Set(needed)].filter((right) => right !== notOfDrills);

test('sources make requests, and each is seen here', () => {
  expect(needed).toEqual(expect.arrayContaining(['ecs:UpdateService', 'scheduler:CreateSchedule', notOfDrills]));
  expect(needed.filter((right) => right.startsWith('undefined'))).toEqual([]);
});

describe('the role that drills act as', () => {
  test('may make every request that drills make, pass the other role on, and nothing else', () => {
    expect(actionsOf(ofCalls)).toEqual([...rights, 'iam:PassRole'].toSorted());
    expect(ofCalls.every(({ Effect }) => Effect === 'Allow')).toBe(true);
    expect(page).toContain('`sts:AssumeRole`');
  });

  test('of a zone that is only read may make, by the first statement, the requests that reading makes', () => {
    const text = readFileSync(join(folder, 'zone.ts'), 'utf8');
    const reads = commandsIn(text).filter((command) => !/^(Change|GetChange$|Test)/.test(command));
    expect(actionsOf(ofCalls.slice(0, 1))).toEqual(reads.map((command) => `route53:${command}`).toSorted());
  });

  test('may reach each schedule by its name, its proof, and the one that the guard asks for', () => {
    const { Resource } = ofCalls.find(({ Action }) => Action.includes('scheduler:GetSchedule')) ?? { Resource: '' };
    const [, pattern] = /schedule\/default\/(.+)$/.exec(String(Resource)) ?? [];
    const allowed = new RegExp(`^${pattern?.replaceAll('*', '.*')}$`);
    const names = ['records', 'ecs'].map((kind) => scheduleName(kind, 'one', 'two'));
    for (const name of ['blackstart', ...names, ...names.map((one) => `${one}-proof`)]) expect(name).toMatch(allowed);
  });
});

test('the role that schedules act as may do what schedules do, and nothing else', () => {
  const every: { readonly [K in AccountAction['kind']]: Extract<AccountAction, { kind: K }> } = {
    'change-records': { kind: 'change-records', zone: 'Z1', changes: [] },
    'set-count': { kind: 'set-count', cluster: 'shop', service: 'api', count: 1 },
    'tag-service': { kind: 'tag-service', arn: 'arn', key: 'key', value: 'value' },
  };
  const operations = Object.values(every).map((action) => targetOf(action, 'sdk').operation);
  // A target is named as the method of the SDK is: with a lower first letter.
  const named = operations.map((operation) => operation.replace(/:./, (start) => start.toUpperCase()));
  expect(actionsOf(ofSchedules)).toEqual(named.toSorted());
});

test('every key of the table is one that a scenario may have', () => {
  const keys = rowsOf(page, 'key').flatMap(([cell = '']) =>
    [...cell.matchAll(/`[^`]+`/g)].map(([code]) => codeIn(code)),
  );
  expect(keys.length).toBeGreaterThan(0);
  const source = sound();
  const region = (source['regions'] as Record<string, Source>)['us-east-1'] ?? {};
  region['aws'] = { region: 'us-east-1' };
  const places: Record<string, Source> = { zone: source['zone'] as Source, 'regions.R.aws': region['aws'] as Source };
  for (const key of keys) {
    const [, place = '', last = ''] = /^(.+)\.(\w+)$/.exec(key) ?? [];
    const at = places[place];
    if (at === undefined) throw new Error(`no place for ${key}`);
    at[last] = last === 'undoRegion' ? 'eu-west-1' : 'arn:aws:iam::123456789012:role/drills';
  }
  const { zone, regions } = parseScenario(source);
  expect({ zone, aws: regions['us-east-1']?.aws }).toMatchObject({
    zone: { role: expect.any(String) as string, undoRole: expect.any(String) as string, undoRegion: 'eu-west-1' },
    aws: { role: expect.any(String) as string, undoRole: expect.any(String) as string },
  });
});

describe('how often', () => {
  test.each(['Throttling', 'PriorRequestNotComplete'])(
    '%s is asked again, after the waits that are told',
    async (name) => {
      const clock = instantClock();
      const refused = Object.assign(new Error('Rate exceeded'), { name });
      const asked = caller('Route 53', clock).patiently('the zone', open, () => Promise.reject(refused));
      await expect(asked).rejects.toThrow('asked 5 times');
      const deadlineMs = 10_000;
      const waits = clock.waitsMs.filter((waitMs) => waitMs !== deadlineMs).map((waitMs) => waitMs / 1_000);
      expect(flowing(page)).toContain(`after ${waits.slice(0, -1).join(', ')} and ${waits.at(-1)} seconds`);
      expect(page).toContain(`\`${name}\``);
    },
  );

  test('a schedule waits for as long as is told', () => {
    expect(untilNothingArrivesMs / 60_000).toBe(7);
    expect(flowing(page)).toContain('seven minutes ahead');
  });
});
