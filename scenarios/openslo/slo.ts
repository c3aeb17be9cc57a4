/** An SLO as OpenSLO v1 has it. */
import { isObject } from '../../contract/json.ts';
import { type At, list, object, optional, type Read, required, shown } from '../parse/reader.ts';
import { oneOf, text } from '../parse/values.ts';
import { inlineOr, policySpec } from './alerts.ts';
import { inlineSli, listOfOne } from './sli.ts';
import { anyText, anything, description, numberWhere, openName, type Shorthand, sliceWindow } from './values.ts';
import { timeWindow } from './window.ts';

/** Not `RatioTimeslices`: no verdict of ours is a mean of shares. */
const method: Read<'Occurrences' | 'Timeslices'> = (value, at) => {
  const found = oneOf(['Occurrences', 'Timeslices', 'RatioTimeslices'])(value, at);
  if (found !== 'RatioTimeslices') return found;
  const why = 'a mean of shares counts a slice of one sample as one of a thousand';
  return at.note(shown(found), `Occurrences or Timeslices: ${why}`);
};
export const operators = ['lte', 'gte', 'lt', 'gt'] as const;

const objectiveShape = object({
  displayName: optional(anyText, null),
  op: optional(oneOf(operators), null),
  value: optional(numberWhere(Number.isFinite, 'a number'), null),
  target: optional(
    numberWhere(
      (value) => value >= 0 && value < 1,
      'a share from 0 to under 1, such as 0.999; percent are targetPercent',
    ),
    null,
  ),
  targetPercent: optional(
    numberWhere((value) => value >= 0 && value < 100, 'percent from 0 to under 100, such as 99.9'),
    null,
  ),
  timeSliceTarget: optional(
    numberWhere((value) => value > 0 && value <= 1, 'a share over 0 and up to 1, such as 0.95'),
    null,
  ),
  timeSliceWindow: optional(sliceWindow, null),
  indicator: optional(anything, null),
  indicatorRef: optional(anything, null),
  compositeWeight: optional(anything, null),
});

export type OpenObjective = {
  readonly at: At;
  readonly op: (typeof operators)[number] | null;
  readonly value: number | null;
  /** A share, however it was written. */
  readonly share: number;
  readonly shareAt: At;
  readonly timeSliceTarget: number | null;
  readonly timeSliceWindow: Shorthand | null;
};

const openObjective: Read<OpenObjective> = (value, at) => {
  const found = objectiveShape(value, at);
  if (found === undefined) return undefined;
  const { target, targetPercent, indicator, indicatorRef, compositeWeight, displayName: _, ...rest } = found;
  if (indicator !== null || indicatorRef !== null || compositeWeight !== null) {
    const key = ['indicator', 'indicatorRef', 'compositeWeight'].find((name) => isObject(value) && name in value) ?? '';
    return at
      .in(key)
      .note('a part of a composite', 'one SLO for each indicator: parts are not weighed against each other');
  }
  if (target !== null && targetPercent !== null)
    return at.in('targetPercent').note('target and targetPercent', 'one of the two');
  const shareAt = at.in(target === null ? 'targetPercent' : 'target');
  const share = target ?? (targetPercent === null ? null : Number((targetPercent / 100).toFixed(9)));
  return share === null ? at.in('target').note('nothing', 'target or targetPercent') : { ...rest, at, share, shareAt };
};

const shape = object({
  description: optional(description, null),
  service: required(text('the name of a service')),
  indicator: optional(inlineSli, null),
  indicatorRef: optional(openName, null),
  timeWindow: optional(listOfOne(timeWindow, 'one window: OpenSLO allows no more'), null),
  budgetingMethod: required(method),
  objectives: required(list(openObjective, 1)),
  alertPolicies: optional(list(inlineOr('AlertPolicy', 'alertPolicyRef', policySpec)), []),
});

export type Slo = NonNullable<ReturnType<typeof shape>>;

export const sloSpec: Read<Slo> = (value, at) => {
  const found = shape(value, at);
  if (found === undefined) return undefined;
  const { indicator, indicatorRef } = found;
  if (indicator !== null && indicatorRef !== null)
    return at.in('indicatorRef').note('indicator and indicatorRef', 'one of the two');
  if (indicator === null && indicatorRef === null)
    return at.in('indicator').note('nothing', 'indicator or indicatorRef');
  const lacking =
    found.budgetingMethod === 'Timeslices' ? found.objectives.map(lacks).filter((at) => at !== undefined) : [];
  for (const lack of lacking) lack.note('nothing', 'a value, with budgetingMethod: Timeslices');
  return lacking.length === 0 ? found : undefined;
};

function lacks({ at, timeSliceTarget, timeSliceWindow }: OpenObjective): At | undefined {
  if (timeSliceTarget === null) return at.in('timeSliceTarget');
  return timeSliceWindow === null ? at.in('timeSliceWindow') : undefined;
}
