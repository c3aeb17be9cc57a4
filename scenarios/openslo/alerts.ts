/** Alert policies and conditions: read strictly, though alerts of ours are not made from them. */
import { isObject } from '../../contract/json.ts';
import { type At, list, object, optional, type Read, required, shown } from '../parse/reader.ts';
import { oneOf, text } from '../parse/values.ts';
import { listOfOne } from './sli.ts';
import { description, flag, metadata, numberWhere, openName, shorthand } from './values.ts';

/** A reference to a document by its kind and name. */
export type Reference = { readonly kind: Kind; readonly name: string; readonly at: At };
export type Kind =
  | 'SLO'
  | 'SLI'
  | 'DataSource'
  | 'Service'
  | 'AlertPolicy'
  | 'AlertCondition'
  | 'AlertNotificationTarget';

/** `odd`: conditions that hold while a service is well. */
export type Alerts = { readonly references: readonly Reference[]; readonly odd: readonly At[] };

const burnRate = object({
  kind: optional(oneOf(['burnrate']), 'burnrate' as const),
  op: optional(oneOf(['lte', 'gte', 'lt', 'gt']), null),
  threshold: required(numberWhere((value) => value >= 0, 'a number, such as 14.4')),
  lookbackWindow: required(shorthand),
  alertAfter: optional(alertAfter, null),
});

/** No time at all may be written as such. */
function alertAfter(value: unknown, at: At): unknown {
  return value === '0m' ? value : shorthand(value, at);
}

export const conditionSpec: Read<Alerts> = (value, at) => {
  const found = object({
    description: optional(description, null),
    severity: required(text('a severity, such as page')),
    condition: required(burnRate),
  })(value, at);
  if (found === undefined) return undefined;
  const isOdd = found.condition.op === 'lt' || found.condition.op === 'lte';
  return { references: [], odd: isOdd ? [at.in('condition').in('op')] : [] };
};

export const targetSpec: Read<Alerts> = (value, at) => {
  const found = object({ target: required(text('a target, such as email')), description: optional(description, null) })(
    value,
    at,
  );
  return found && { references: [], odd: [] };
};

export const policySpec: Read<Alerts> = (value, at) => {
  const found = object({
    description: optional(description, null),
    alertWhenNoData: optional(flag, null),
    alertWhenResolved: optional(flag, null),
    alertWhenBreaching: optional(flag, null),
    conditions: required(
      listOfOne(inlineOr('AlertCondition', 'conditionRef', conditionSpec), 'one condition: OpenSLO allows no more'),
    ),
    notificationTargets: required(list(inlineOr('AlertNotificationTarget', 'targetRef', targetSpec), 1)),
  })(value, at);
  if (found === undefined) return undefined;
  const all = [...found.conditions, ...found.notificationTargets];
  return { references: all.flatMap(({ references }) => references), odd: all.flatMap(({ odd }) => odd) };
};

/** A document in its place, or the name of one. */
export function inlineOr(kind: Kind, refKey: string, spec: Read<Alerts>): Read<Alerts> {
  const reference = object({ [refKey]: required(openName) });
  const inline = object({ kind: required(oneOf([kind])), metadata: required(metadata), spec: required(spec) });
  return (value, at) => {
    if (isObject(value) && refKey in value) {
      const name = reference(value, at)?.[refKey];
      return name === undefined ? undefined : { references: [{ kind, name, at: at.in(refKey) }], odd: [] };
    }
    if (isObject(value) && 'spec' in value) return inline(value, at)?.spec;
    return at.note(shown(value), `${refKey}, or kind, metadata and spec`);
  };
}
