/** Label and field selectors, as list, watch and deletecollection take them. */
import { type KubeObject, textAt, textsAt } from './object.ts';
import { badRequest } from './refusal.ts';
import type { Resource } from './resources.ts';

export type Selector = (object: KubeObject) => boolean;
type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

export const everything: Selector = () => true;

/** `app=web,tier!=db,zone in (a,b),env notin (dev),managed,!temporary`. Throws a 400 for anything else. */
export function labelSelector(text: string): Selector {
  const requirements = partsOf(text).map(requirement);
  return (object) => {
    const labels = textsAt(object, 'metadata', 'labels');
    return requirements.every((holds) => holds(labels));
  };
}

/** Splits at commas that are not between parentheses. */
function partsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:[^,(]|\([^)]*\))+/g)].map(([part]) => part.trim()).filter((part) => part !== '');
}

const labelKey = `[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?`;
const setBased = new RegExp(String.raw`^(${labelKey})\s+(in|notin)\s+\(([^()]*)\)$`);
const equality = new RegExp(String.raw`^(${labelKey})\s*(==|=|!=)\s*([A-Za-z0-9._-]*)$`);
const existence = new RegExp(String.raw`^(!?)\s*(${labelKey})$`);

function requirement(part: string): Requirement {
  const [, setKey = '', operator, list = ''] = setBased.exec(part) ?? [];
  if (operator !== undefined) {
    const values = new Set(list.split(',').map((value) => value.trim()));
    const isIn = (labels: Labels): boolean => Object.hasOwn(labels, setKey) && values.has(labels[setKey] ?? '');
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const [, key = '', sign, value = ''] = equality.exec(part) ?? [];
  if (sign !== undefined) return sign === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  const [, not, only = ''] = existence.exec(part) ?? [];
  if (not === undefined) throw badRequest(`unable to parse requirement: found ${JSON.stringify(part)}`);
  return (labels) => Object.hasOwn(labels, only) !== (not === '!');
}

/** Fields that may be selected, beside the name and the namespace. */
const selectable: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  jobs: ['status.successful'],
  namespaces: ['status.phase'],
};

/** `metadata.name=agent-api`. Throws a 400 for a field that cannot be selected. */
export function fieldSelector(resource: Resource, text: string): Selector {
  const known = new Set(['metadata.name', 'metadata.namespace', ...(selectable[resource.plural] ?? [])]);
  const requirements = partsOf(text).map((part): Selector => {
    const [, field = '', sign, wanted = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? [];
    if (sign === undefined) throw badRequest(`invalid selector: ${JSON.stringify(part)}; can't understand it`);
    if (!known.has(field)) throw badRequest(`field label not supported: ${field}`);
    return (object) => ((textAt(object, ...field.split('.')) ?? '') === wanted) !== (sign === '!=');
  });
  return (object) => requirements.every((holds) => holds(object));
}

/** The name that a field selector asks for alone: authorisation takes it as the name of the request. */
export function nameInFieldSelector(text: string): string | undefined {
  return /^metadata\.name==?([^,]+)$/.exec(text)?.[1];
}

/** `app=web,zone in (a,b)`, as the scale subresource gives a Deployment's selector. */
export function selectorText(matchLabels: Labels): string {
  return Object.entries(matchLabels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

export function matchesLabels(object: KubeObject, wanted: Labels): boolean {
  const labels = textsAt(object, 'metadata', 'labels');
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
