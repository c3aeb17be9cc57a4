/** Server-side apply: the writer's whole intent, merged, with conflicts where others own what it changes. */
import type { Json, JsonObject } from '../../../contract/json.ts';
import { type Fields, fieldsOf, isSame, ownedBy, owns, pruned, type Writer } from '../managed-fields.ts';
import { at, type KubeObject, same } from '../object.ts';
import { Refusal } from '../refusal.ts';
import { strategicMergePatch } from './strategic.ts';

export type Applied = { readonly merged: Json; readonly claimed: Fields };

/** Fields that this writer applied before and left out now are removed, unless somebody else owns them too. */
export function apply(
  before: KubeObject | undefined,
  config: JsonObject,
  how: { readonly by: Writer; readonly force: boolean },
): Applied {
  const claimed = fieldsOf(config);
  const others = (before?.metadata.managedFields ?? []).filter((entry) => !isSame(entry, how.by));
  const mine = (before?.metadata.managedFields ?? []).find((entry) => isSame(entry, how.by));
  if (before !== undefined && !how.force) {
    const clashes = others.flatMap((entry) =>
      clashesWith(ownedBy(entry), before, config).map((field) => ({ field, entry })),
    );
    if (clashes.length > 0) throw clashRefusal(clashes.map(({ field, entry }) => ({ field, manager: entry.manager })));
  }
  let merged = strategicMergePatch(before, config);
  const dropped = mine === undefined ? {} : pruned(ownedBy(mine), (path) => !owns(claimed, path));
  for (const path of leavesOf(dropped)) {
    if (!others.some((entry) => owns(ownedBy(entry), path))) merged = withoutPath(merged, path);
  }
  return { merged, claimed };
}

function clashesWith(owned: Fields, before: KubeObject, config: JsonObject): readonly string[] {
  return leavesOf(fieldsOf(config))
    .filter((path) => owns(owned, path) && !same(at(before, ...path), at(config, ...path)))
    .map((path) => `.${path.join('.')}`);
}

function clashRefusal(clashes: readonly { readonly field: string; readonly manager: string }[]): Refusal {
  const causes = clashes.map(({ field, manager }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${JSON.stringify(manager)}`,
    field,
  }));
  const texts = clashes.map(({ field, manager }) => `conflict with ${JSON.stringify(manager)}: ${field}`);
  const count = `${clashes.length} conflict${clashes.length === 1 ? '' : 's'}`;
  return new Refusal(409, 'Conflict', `Apply failed with ${count}: ${texts.join(', ')}`, { causes });
}

function leavesOf(fields: Fields): readonly (readonly string[])[] {
  const leaves: (readonly string[])[] = [];
  pruned(fields, (path) => {
    leaves.push(path);
    return false;
  });
  return leaves;
}

function withoutPath(value: Json, path: readonly string[]): Json {
  const [step, ...rest] = path;
  const inner = step === undefined ? undefined : at(value, step);
  if (step === undefined || inner === undefined) return value;
  const { [step]: _gone, ...others } = value as JsonObject;
  return rest.length === 0 ? others : { ...others, [step]: withoutPath(inner, rest) };
}
