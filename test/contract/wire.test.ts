import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Details, MissingReason, Outcome, Result } from '../../contract/result.ts';
import {
  closeCodes,
  encode,
  type FromAgent,
  type FromAggregator,
  maxResultsPerFrame,
  parseFromAgent,
  parseFromAggregator,
  wireVersion,
} from '../../contract/wire.ts';

const name = fc.string({ minLength: 1, maxLength: 40 });
const instant = fc.double({ min: 0, max: 4_000_000_000_000, noNaN: true }).map((value) => value + 0);
const length = fc.double({ min: 0, max: 86_400_000, noNaN: true }).map((value) => value + 0);
const orNull = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
const reasons = ['shed', 'agent-gone', 'bad-sample', 'dropped', 'not-yet-assigned'] as const;

const details: fc.Arbitrary<Details> = fc.record(
  {
    address: name,
    status: fc.nat(599),
    answers: fc.array(name),
    connection: fc.nat(),
    extra: fc.constant({ a: [1, null] }),
  },
  { requiredKeys: [] },
);
const phases = fc.record(
  { resolve: length, connect: length, tls: length, firstByte: length, transfer: length },
  { requiredKeys: [] },
);
const failing = fc.record({
  failedAt: fc.constantFrom('resolve', 'connect', 'tls', 'answer', 'agent'),
  reason: fc.string({ maxLength: 100 }),
});
const judged: fc.Arbitrary<Pick<Result, 'outcome' | 'failedAt' | 'reason' | 'missing'>> = fc.oneof(
  fc.constant({ outcome: 'good' as Outcome }),
  failing.map((failure) => ({ outcome: 'bad' as Outcome, ...failure })),
  fc
    .tuple(failing, fc.constantFrom<MissingReason>(...reasons))
    .map(([failure, missing]) => ({ outcome: 'missing' as Outcome, ...failure, missing })),
);
const unnumbered = fc
  .tuple(
    fc.record({
      check: name,
      round: fc.nat(),
      startMs: instant,
      durationMs: length,
      phases,
      region: orNull(name),
      servedBy: orNull(name),
      client: fc.constantFrom('fresh' as const, 'pooled' as const),
      burst: orNull(name),
      details,
      quality: fc.record({ lateMs: length, loopDelayMs: length }),
    }),
    judged,
  )
  .map(([seen, outcome]) => ({ ...seen, ...outcome }));

const seq = fc.integer({ min: 1, max: 1_000_000 });
const results: fc.Arbitrary<FromAgent> = fc
  .tuple(name, seq, fc.array(unnumbered, { minLength: 1, maxLength: 20 }))
  .map(([boot, fromSeq, list]) => ({
    type: 'results',
    boot,
    fromSeq,
    results: list.map((result, index) => ({ ...result, seq: fromSeq + index })),
  }));
const stamps = fc.record({ t1: instant, t2: instant, t3: instant });
const fromAgent: fc.Arbitrary<FromAgent> = fc.oneof(
  results,
  fc.record({
    type: fc.constant('hello' as const),
    agent: name,
    vantage: name,
    region: name,
    boot: name,
    version: name,
  }),
  fc
    .tuple(name, seq, fc.nat(1_000), fc.constantFrom<MissingReason>(...reasons))
    .map(([boot, fromSeq, more, reason]) => ({ type: 'gap' as const, boot, fromSeq, toSeq: fromSeq + more, reason })),
  fc.record({ type: fc.constant('mark' as const), boot: name, seq, roundsThroughMs: instant }),
  fc.record({ type: fc.constant('ping' as const), t1: instant }),
  stamps.map((value) => ({ type: 'pong' as const, ...value })),
);

const check = fc
  .record({ id: name, everyMs: fc.integer({ min: 1, max: 1e6 }), timeoutMs: fc.integer({ min: 1, max: 1e6 }) })
  .map((common) => ({
    ...common,
    name: 'geo',
    target: 'agent-api',
    region: null,
    entry: null,
    vantages: null,
    kind: 'dns' as const,
    hostname: 'api.agent.test',
    recordType: 'A' as const,
    server: null,
    subnet: null,
    place: null,
    expectRegions: null,
  }));
const assignment = fc.record({
  version: fc.nat(),
  checks: fc.array(check, { maxLength: 5 }),
  regions: fc.constant({ 'us-east-1': ['127.1.0.1'] }),
  references: fc.array(name, { maxLength: 3 }),
});
const fromAggregator: fc.Arbitrary<FromAggregator> = fc.oneof(
  fc.record({ type: fc.constant('welcome' as const), ackedSeq: fc.nat(), assignment, pingEveryMs: length }),
  fc.record({ type: fc.constant('ack' as const), boot: name, seq }),
  assignment.map((value) => ({ type: 'assign' as const, version: value.version, assignment: value })),
  fc.record({
    type: fc.constant('burst' as const),
    id: name,
    checks: fc.array(check, { maxLength: 5 }),
    everyMs: fc.integer({ min: 100, max: 500 }),
    untilMs: instant,
    forMs: length,
    pooled: fc.boolean(),
  }),
  fc.record({ type: fc.constant('ping' as const), t1: instant }),
  stamps.map((value) => ({ type: 'pong' as const, ...value })),
);

const message = (type: string, fields: object): string => JSON.stringify({ v: wireVersion, type, ...fields });
const oneResult = {
  boot: 'b',
  fromSeq: 1,
  check: ['home'],
  round: [1],
  startMs: [1],
  durationMs: [1],
  outcome: ['good'],
  phases: {},
  region: [null],
  servedBy: [null],
  quality: {},
};

describe('a frame comes back as it was sent', () => {
  test('from agents', () => {
    fc.assert(
      fc.property(fromAgent, (frame) => {
        expect(parseFromAgent(encode(frame))).toEqual({ ok: true, frame });
      }),
    );
  });

  test('from aggregators', () => {
    fc.assert(
      fc.property(fromAggregator, (frame) => {
        expect(parseFromAggregator(encode(frame))).toEqual({ ok: true, frame });
      }),
    );
  });
});

describe('what cannot be read is refused with a code and a reason that a close frame can carry', () => {
  const refused = (text: string): void => {
    for (const parsed of [parseFromAgent(text), parseFromAggregator(text)]) {
      if (parsed.ok) continue;
      expect([closeCodes.garbled, closeCodes.version]).toContain(parsed.code);
      expect(Buffer.byteLength(parsed.reason)).toBeLessThanOrEqual(123);
    }
  };

  test('any text', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), refused));
  });

  test('any fields under a known type', () => {
    const types = fc.constantFrom(
      'hello',
      'results',
      'gap',
      'mark',
      'welcome',
      'ack',
      'assign',
      'burst',
      'ping',
      'pong',
    );
    fc.assert(
      fc.property(types, fc.object({ maxDepth: 2 }), (type, fields) => {
        refused(JSON.stringify({ ...fields, v: wireVersion, type }));
      }),
    );
  });

  test('a good frame with one field spoilt is read or refused, and never throws', () => {
    const spoils = fc.constantFrom<unknown>(null, -1, 'x', [], {}, 1e308, [null], ['x'], '\u{1F600}'.repeat(60));
    fc.assert(
      fc.property(results, fc.nat(), spoils, (frame, at, spoil) => {
        const fields = JSON.parse(encode(frame)) as Record<string, unknown>;
        const keys = Object.keys(fields);
        fields[keys[at % keys.length] ?? ''] = spoil;
        refused(JSON.stringify(fields));
      }),
    );
  });

  test.each([
    ['another version', '{"v":2,"type":"ping","t1":1}', closeCodes.version],
    ['no version', '{"type":"ping","t1":1}', closeCodes.version],
    ['no JSON', '{', closeCodes.garbled],
    ['an array', '[]', closeCodes.garbled],
    ['an unknown type', message('constructor', {}), closeCodes.garbled],
    [
      'a hello without a boot',
      message('hello', { agent: 'a', vantage: 'v', region: 'r', version: '1' }),
      closeCodes.garbled,
    ],
    [
      'a gap that ends before it begins',
      message('gap', { boot: 'b', fromSeq: 2, toSeq: 1, reason: 'shed' }),
      closeCodes.garbled,
    ],
    ['a gap from 0', message('gap', { boot: 'b', fromSeq: 0, toSeq: 1, reason: 'shed' }), closeCodes.garbled],
    ['no results', message('results', { ...oneResult, check: [] }), closeCodes.garbled],
    ['columns of unequal length', message('results', { ...oneResult, round: [1, 2] }), closeCodes.garbled],
    ['an outcome of its own', message('results', { ...oneResult, outcome: ['great'] }), closeCodes.garbled],
    ['a start before 1970', message('results', { ...oneResult, startMs: [-1] }), closeCodes.garbled],
    ['a negative phase', message('results', { ...oneResult, phases: { connect: [-1] } }), closeCodes.garbled],
    [
      'a status that is no number',
      message('results', { ...oneResult, details: [{ status: '200' }] }),
      closeCodes.garbled,
    ],
    [
      'answers that are no texts',
      message('results', { ...oneResult, details: [{ answers: [{ toString: 1 }] }] }),
      closeCodes.garbled,
    ],
    [
      'details too deep to be written down again',
      message('results', { ...oneResult, details: ['DEEP'] }).replace(
        '"DEEP"',
        `{"extra":{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`,
      ),
      closeCodes.garbled,
    ],
    [
      'too many results',
      message('results', { ...oneResult, check: Array(maxResultsPerFrame + 1).fill('x') }),
      closeCodes.garbled,
    ],
  ])('%s', (_why, text, code) => {
    const parsed = parseFromAgent(text);
    expect(parsed).toMatchObject({ ok: false, code });
  });

  test('a check without an interval is refused: an agent would never stop asking', () => {
    const checks = [{ id: 'x', kind: 'http', everyMs: 0, timeoutMs: 1 }];
    expect(parseFromAggregator(message('assign', { version: 1, checks }))).toMatchObject({ ok: false });
  });
});

describe('what the other side may leave out', () => {
  test('columns that later versions added', () => {
    const parsed = parseFromAgent(message('results', oneResult));
    expect(parsed).toMatchObject({
      ok: true,
      frame: { results: [{ seq: 1, client: 'fresh', burst: null, details: {} }] },
    });
  });

  test('regions and references of an assignment, and how long a burst lasts', () => {
    expect(parseFromAggregator(message('assign', { version: 3, checks: [] }))).toMatchObject({
      ok: true,
      frame: { assignment: { regions: {}, references: [] } },
    });
    expect(
      parseFromAggregator(message('burst', { id: 'b', checks: [], everyMs: 100, untilMs: 5, pooled: true })),
    ).toMatchObject({ ok: true, frame: { forMs: 3_600_000, pooled: true } });
  });

  test('fields and phases that are not known here are passed over', () => {
    const columns = { ...oneResult, phases: { proxy: [1] }, later: [1], details: [{ novel: [1] }] };
    const parsed = parseFromAgent(message('results', columns));
    expect(parsed).toMatchObject({ ok: true, frame: { results: [{ phases: {} }] } });
  });
});
