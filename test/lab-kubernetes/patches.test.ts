import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../contract/json.ts';
import { same } from '../../lab/kubernetes/object.ts';
import { jsonPatch } from '../../lab/kubernetes/patch/json-patch.ts';
import { mergePatch } from '../../lab/kubernetes/patch/merge.ts';
import { strategicMergePatch } from '../../lab/kubernetes/patch/strategic.ts';

const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json)
  .filter((value) => !JSON.stringify(value).includes('__proto__'));
const withoutNulls = json.filter((value) => !JSON.stringify(value).includes('null'));
const jsonObject = fc.dictionary(
  fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
  json,
);

describe('a merge patch', () => {
  // RFC 7386, appendix A.
  test.each<[Json, Json, Json]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j with %j is %j', (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });

  test('applied twice is the same as once, and never changes its target', () => {
    fc.assert(
      fc.property(jsonObject, jsonObject, (target, patch) => {
        const before = JSON.stringify(target);
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect(JSON.stringify(target)).toBe(before);
      }),
    );
  });

  test('that holds no null turns anything into itself, merged', () => {
    fc.assert(
      fc.property(withoutNulls, (patch) => {
        expect(mergePatch(undefined, patch)).toEqual(patch);
      }),
    );
  });
});

describe('a JSON patch', () => {
  const target: JsonObject = { spec: { list: ['a', 'b'] }, 'a/b': { '~': 1 } };

  test.each<[string, Json, Json]>([
    [
      'adds to a list',
      [{ op: 'add', path: '/spec/list/1', value: 'x' }],
      { ...target, spec: { list: ['a', 'x', 'b'] } },
    ],
    ['appends', [{ op: 'add', path: '/spec/list/-', value: 'x' }], { ...target, spec: { list: ['a', 'b', 'x'] } }],
    ['removes', [{ op: 'remove', path: '/spec' }], { 'a/b': { '~': 1 } }],
    ['unescapes', [{ op: 'replace', path: '/a~1b/~0', value: 2 }], { ...target, 'a/b': { '~': 2 } }],
    [
      'replaces what is not there',
      [{ op: 'replace', path: '/spec/new', value: 0 }],
      { ...target, spec: { list: ['a', 'b'], new: 0 } },
    ],
    ['moves', [{ op: 'move', from: '/spec/list', path: '/moved' }], { spec: {}, 'a/b': { '~': 1 }, moved: ['a', 'b'] }],
    ['copies', [{ op: 'copy', from: '/spec/list/0', path: '/copied' }], { ...target, copied: 'a' }],
    ['tests for null what is not there', [{ op: 'test', path: '/nothing', value: null }], target],
  ])('%s', (_claim, patch, patched) => {
    expect(jsonPatch(target, patch)).toEqual(patched);
  });

  test.each<[string, Json]>([
    ['a test that fails', [{ op: 'test', path: '/spec/list/0', value: 'b' }]],
    ['a removal of nothing', [{ op: 'remove', path: '/nothing' }]],
    ['a way that leads nowhere', [{ op: 'add', path: '/nothing/inside', value: 1 }]],
    ['an index behind the end', [{ op: 'add', path: '/spec/list/3', value: 1 }]],
    ['an operation nobody knows', [{ op: 'guess', path: '/spec' }]],
  ])('with %s is refused with 422', (_claim, patch) => {
    expect(() => jsonPatch(target, patch)).toThrow(expect.objectContaining({ code: 422 }));
  });

  test('that is no patch is refused with 400', () => {
    for (const patch of [{}, 'add', [1], [{ op: 'add' }]]) {
      expect(() => jsonPatch(target, patch)).toThrow(expect.objectContaining({ code: 400 }));
    }
  });

  test('applies as a whole or not at all', () => {
    const patch = [
      { op: 'add', path: '/spec/list/-', value: 'x' },
      { op: 'test', path: '/spec/list/0', value: 'no' },
    ];
    const before = JSON.stringify(target);
    expect(() => jsonPatch(target, patch)).toThrow();
    expect(JSON.stringify(target)).toBe(before);
  });
});

describe('a strategic merge patch', () => {
  const containers = [
    { name: 'app', image: 'a:1', env: [{ name: 'REGION', value: 'us' }] },
    { name: 'side', image: 'b:1' },
  ];
  const target = { spec: { template: { spec: { containers } } }, metadata: { finalizers: ['x'] } };
  const patched = (list: Json): Json =>
    strategicMergePatch(target, { spec: { template: { spec: { containers: list } } } });
  const result = (list: Json): Json => ({ ...target, spec: { template: { spec: { containers: list } } } });

  test('merges containers by their names, and what is in them', () => {
    const [app, side] = containers;
    expect(
      patched([
        { name: 'app', env: [{ name: 'ZONE', value: 'a' }] },
        { name: 'new', image: 'c:1' },
      ]),
    ).toEqual(
      result([
        {
          ...app,
          env: [
            { name: 'REGION', value: 'us' },
            { name: 'ZONE', value: 'a' },
          ],
        },
        side ?? null,
        { name: 'new', image: 'c:1' },
      ]),
    );
  });

  test('deletes and replaces where it says so', () => {
    expect(patched([{ name: 'side', $patch: 'delete' }])).toEqual(result([containers[0] ?? null]));
    expect(patched([{ $patch: 'replace' }, { name: 'only', image: 'd:1' }])).toEqual(
      result([{ name: 'only', image: 'd:1' }]),
    );
    expect(strategicMergePatch({ a: { b: 1, c: 2 } }, { a: { $patch: 'replace', d: 3 } })).toEqual({ a: { d: 3 } });
    expect(strategicMergePatch({ a: { b: 1 } }, { a: { $patch: 'delete' } })).toEqual({});
    expect(strategicMergePatch({ type: 'A', a: 1 }, { type: 'B', $retainKeys: ['type'] })).toEqual({ type: 'B' });
  });

  test('unites finalizers, and takes single ones away', () => {
    expect(strategicMergePatch(target, { metadata: { finalizers: ['x', 'y'] } })).toMatchObject({
      metadata: { finalizers: ['x', 'y'] },
    });
    const removal = { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } };
    expect(strategicMergePatch(target, removal)).toMatchObject({ metadata: { finalizers: [] } });
  });

  test('is a merge patch where no list has a key', () => {
    fc.assert(
      fc.property(jsonObject, jsonObject, (to, patch) => {
        fc.pre(
          !JSON.stringify(patch).includes('$') && !/containers|volumes|imagePullSecrets/i.test(JSON.stringify(patch)),
        );
        expect(same(strategicMergePatch(to, patch), mergePatch(to, patch))).toBe(true);
      }),
    );
  });
});
