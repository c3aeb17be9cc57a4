import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../contract/json.ts';
import type { RecordSet, Zone } from '../../zone/records.ts';
import { applyChanges, type Change } from '../../zone/validate.ts';
import { agentZone, alias, checked, failover, geo, routed, values, weighted, zoneOf } from './records.ts';

const known = new Set(['127.1.0.1', '127.2.0.1', '127.3.0.1', '10.0.0.1', '10.0.0.2']);
const apply = (zone: Zone, ...changes: readonly Change[]) => applyChanges(zone, changes, known);
const create = (record: RecordSet): Change => ({ action: 'CREATE', record });
const bare = (record: RecordSet, setIdentifier: string | null): RecordSet => ({ ...record, setIdentifier });

describe('refused', () => {
  const empty = zoneOf();
  const weightedA = weighted('w', '10.0.0.1', 1);
  const cname: RecordSet = {
    ...values('w'),
    type: 'CNAME',
    target: { kind: 'values', ttlSeconds: 60, values: ['a.test'] },
  };
  const cases: readonly [string, Zone, RecordSet | Change, string, RegExp][] = [
    ['a policy without SetIdentifier', empty, bare(weightedA, null), 'InvalidInput', /Missing field 'SetIdentifier'/],
    [
      'a SetIdentifier without policy',
      empty,
      bare(values('a', '10.0.0.1'), 'x'),
      'InvalidInput',
      /Expected exactly one of/,
    ],
    [
      'a weight of 256',
      empty,
      weighted('w', '10.0.0.1', 256),
      'InvalidInput',
      /Value '256' at 'changeBatch.changes.1.member.resourceRecordSet.weight' failed/,
    ],
    [
      'a second PRIMARY',
      agentZone,
      checked({ ...failover('us', '10.0.0.1', 'PRIMARY') }, '10.0.0.1'),
      'InvalidChangeBatch',
      /a failover PRIMARY exists/,
    ],
    [
      'mixed policies',
      zoneOf(weightedA),
      failover('w', '10.0.0.2', 'PRIMARY'),
      'InvalidChangeBatch',
      /a non-failover set exists/,
    ],
    [
      'a simple record beside a weighted one',
      zoneOf(weightedA),
      values('w', '10.0.0.2'),
      'InvalidChangeBatch',
      /other RRSets exist/,
    ],
    [
      'an unknown health check',
      empty,
      checked(values('a', '10.0.0.1'), 'nope'),
      'InvalidChangeBatch',
      /Health check with ID nope does not exist/,
    ],
    [
      'a primary without health check',
      empty,
      { ...failover('f', '10.0.0.1', 'PRIMARY'), healthCheckId: null },
      'InvalidChangeBatch',
      /must have an associated health check/,
    ],
    [
      'the same location twice',
      agentZone,
      geo(alias('api', 'us', true), 'again', { continent: 'EU' }),
      'InvalidChangeBatch',
      /a geolocation record for/,
    ],
    [
      'different TTLs among weights',
      zoneOf(weightedA),
      { ...weighted('w', '10.0.0.2', 1), target: { kind: 'values', ttlSeconds: 5, values: ['10.0.0.2'] } },
      'InvalidChangeBatch',
      /must contain the same TTL/,
    ],
    [
      'a CNAME beside an A',
      zoneOf(values('w', '10.0.0.1')),
      cname,
      'InvalidChangeBatch',
      /conflicts with other records/,
    ],
    [
      'an A beside a CNAME',
      zoneOf(cname),
      values('w', '10.0.0.1'),
      'InvalidChangeBatch',
      /conflicting RRSet of type CNAME/,
    ],
    ['a CNAME at the apex', empty, { ...cname, name: 'agent.test.' }, 'InvalidChangeBatch', /not permitted at apex/],
    [
      'a name outside the zone',
      empty,
      { ...values('a', '10.0.0.1'), name: 'evilagent.test.' },
      'InvalidChangeBatch',
      /not permitted in zone/,
    ],
    ['an alias to nothing', empty, alias('a', 'nope', true), 'InvalidChangeBatch', /was not found/],
    [
      'a multivalue alias',
      zoneOf(values('b', '10.0.0.1')),
      routed(alias('a', 'b', true), 'm', { policy: 'multivalue' }),
      'InvalidChangeBatch',
      /cannot be an alias/,
    ],
    ['a value that is no address', empty, values('a', 'nonsense'), 'InvalidChangeBatch', /not a valid IPv4 address/],
    [
      'a value given twice',
      empty,
      values('a', '10.0.0.1', '10.0.0.1'),
      'InvalidChangeBatch',
      /Duplicate Resource Record/,
    ],
    [
      'a text without quotation marks',
      empty,
      { ...values('a', 'text'), type: 'TXT' },
      'InvalidChangeBatch',
      /enclosed in quotation marks/,
    ],
    [
      'creating what exists',
      zoneOf(values('a', '10.0.0.1')),
      values('a', '10.0.0.1'),
      'InvalidChangeBatch',
      /already exists/,
    ],
    [
      'deleting what is not there',
      empty,
      { action: 'DELETE', record: values('a', '10.0.0.1') },
      'InvalidChangeBatch',
      /was not found/,
    ],
    [
      'deleting with another value',
      zoneOf(values('a', '10.0.0.1')),
      { action: 'DELETE', record: values('a', '10.0.0.2') },
      'InvalidChangeBatch',
      /do not match the current values/,
    ],
    [
      'deleting the apex NS',
      empty,
      {
        action: 'DELETE',
        record: {
          ...values('', 'ns-1.agent.test.'),
          name: 'agent.test.',
          type: 'NS',
          target: { kind: 'values', ttlSeconds: 172800, values: ['ns-1.agent.test.'] },
        },
      },
      'InvalidChangeBatch',
      /at least one NS record/,
    ],
  ];
  test.each(cases)('%s', (_what, zone, change, code, message) => {
    const got = apply(zone, 'action' in change ? change : create(change));
    expect(got).toMatchObject({ ok: false, code });
    if (!got.ok) expect(got.messages.join('\n')).toMatch(message);
  });

  test('an empty batch', () => {
    expect(apply(empty)).toMatchObject({ ok: false, code: 'InvalidInput' });
  });

  test('all of a batch when one change is wrong, with every mistake named', () => {
    const got = apply(
      empty,
      create(values('good', '10.0.0.1')),
      create(values('bad', 'x')),
      create(alias('worse', 'nope', true)),
    );
    expect(got.ok || got.messages).toHaveLength(2);
  });
});

describe('applied', () => {
  test('an upsert replaces the record of the same name, type and set identifier', () => {
    const got = apply(zoneOf(weighted('w', '10.0.0.1', 1), weighted('w', '10.0.0.2', 1)), {
      action: 'UPSERT',
      record: weighted('w', '10.0.0.1', 0),
    });
    const weights = got.ok ? got.zone.records.filter(({ type }) => type === 'A').map(({ routing }) => routing) : [];
    expect(weights).toEqual([
      { policy: 'weighted', weight: 0 },
      { policy: 'weighted', weight: 1 },
    ]);
  });

  test('one batch may replace a simple record by weighted ones, in either order', () => {
    const zone = zoneOf(values('w', '10.0.0.1'));
    const away: Change = { action: 'DELETE', record: values('w', '10.0.0.1') };
    expect(apply(zone, away, create(weighted('w', '10.0.0.1', 1))).ok).toBe(true);
    expect(apply(zone, create(weighted('w', '10.0.0.1', 1)), away).ok).toBe(true);
  });

  test('names are kept in lower case with their final dot', () => {
    const got = apply(zoneOf(), create({ ...values('a', '10.0.0.1'), name: 'A.Agent.TEST' }));
    expect(got.ok && got.zone.records.map(({ name }) => name)).toContain('a.agent.test.');
  });

  test('the whole zone of world agent-api can be created in one batch', () => {
    expect(apply(zoneOf(), ...agentZone.records.map(create)).ok).toBe(true);
  });

  test('deleting exactly what was created leaves the zone as it was', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 9 }), (weights) => {
        const records = weights.map((weight) => ({
          ...weighted('x', `10.0.0.${weight}`, weight),
          healthCheckId: null,
        }));
        const before = apply(agentZone, create(values('new', '10.0.0.1')));
        if (!before.ok) throw new Error(before.messages.join());
        const made = apply(before.zone, ...records.map(create));
        if (!made.ok) throw new Error(made.messages.join());
        const gone = apply(made.zone, ...records.map((record): Change => ({ action: 'DELETE', record })));
        expect(gone.ok && canonicalJson(gone.zone)).toBe(canonicalJson(before.zone));
      }),
      { numRuns: 50 },
    );
  });
});
