/** `/federate` gives every family as untyped: what is a histogram or a counter of ours is made one again. Pure. */
import { catalogue } from '../../contract/catalogue.ts';
import type { Family, FamilyType } from '../metrics/exposition.ts';

const ours: ReadonlyMap<string, { readonly type: FamilyType; readonly help: string }> = new Map(
  Object.values(catalogue).map(({ name, type, help }) => [name, { type, help }]),
);

/** Buckets, sum and count under one name are one family, so that they stay together wherever they go. */
export function retyped(families: readonly Family[]): readonly Family[] {
  const byName = new Map(families.map((family) => [family.name, family]));
  const made = new Map<string, Family>();
  for (const family of families) {
    const owner = family.type === 'untyped' ? ownerOf(family, byName) : undefined;
    const { name, type, help } = owner ?? family;
    const known = made.get(name) ?? { name, type, help, samples: [] };
    made.set(name, { ...known, samples: known.samples.concat(family.samples) });
  }
  return [...made.values()];
}

function ownerOf(
  family: Family,
  all: ReadonlyMap<string, Family>,
): { readonly name: string; readonly type: FamilyType; readonly help: string } | undefined {
  const known = ours.get(family.name);
  if (known !== undefined) return { name: family.name, ...known };
  const name = /^(.+)_(?:bucket|sum|count)$/.exec(family.name)?.[1];
  if (name === undefined) return undefined;
  const parent = ours.get(name);
  if (parent?.type === 'histogram' || parent?.type === 'summary') return { name, ...parent };
  const buckets = all.get(`${name}_bucket`);
  const isHistogram =
    buckets?.type === 'untyped' &&
    !all.has(name) &&
    buckets.samples.every(({ labels }) => labels.some(([label]) => label === 'le'));
  return isHistogram ? { name, type: 'histogram', help: '' } : undefined;
}
