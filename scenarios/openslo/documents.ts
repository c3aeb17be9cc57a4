/** The documents of OpenSLO v1 files: each read strictly by its kind, and found by kind and name. */
import { isObject } from '../../contract/json.ts';
import { type At, choice, object, optional, type Read, required, shown } from '../parse/reader.ts';
import { oneOf, text } from '../parse/values.ts';
import { type Alerts, conditionSpec, type Kind, policySpec, type Reference, targetSpec } from './alerts.ts';
import { metricsOf, type Sli, sliSpec } from './sli.ts';
import { type Slo, sloSpec } from './slo.ts';
import { anything, description, metadata } from './values.ts';

type Header = { readonly name: string; readonly annotations: Readonly<Record<string, string>>; readonly at: At };
type Body =
  | { readonly kind: 'SLO'; readonly slo: Slo }
  | { readonly kind: 'SLI'; readonly sli: Sli }
  | { readonly kind: 'AlertPolicy' | 'AlertCondition' | 'AlertNotificationTarget'; readonly alerts: Alerts }
  | { readonly kind: 'DataSource' | 'Service' };
export type OpenDocument = Header & Body;

const dataSource = object({
  description: optional(description, null),
  type: required(text('a type, such as Prometheus')),
  connectionDetails: required(anything),
});
const service = object({ description: optional(description, null) });

const kinds: { readonly [K in Kind]: Read<Body> } = {
  SLO: (value, at) => wrap(sloSpec(value, at), (slo) => ({ kind: 'SLO', slo })),
  SLI: (value, at) => wrap(sliSpec(value, at), (sli) => ({ kind: 'SLI', sli })),
  DataSource: (value, at) => wrap(dataSource(value, at), () => ({ kind: 'DataSource' })),
  Service: (value, at) => wrap(service(value ?? {}, at), () => ({ kind: 'Service' })),
  AlertPolicy: (value, at) => wrap(policySpec(value, at), (alerts) => ({ kind: 'AlertPolicy', alerts })),
  AlertCondition: (value, at) => wrap(conditionSpec(value, at), (alerts) => ({ kind: 'AlertCondition', alerts })),
  AlertNotificationTarget: (value, at) =>
    wrap(targetSpec(value, at), (alerts) => ({ kind: 'AlertNotificationTarget', alerts })),
};
const names = Object.keys(kinds) as Kind[];

function wrap<T>(found: T | undefined, as: (found: T) => Body): Body | undefined {
  return found === undefined ? undefined : as(found);
}

export function isOpenSlo(value: unknown): boolean {
  return isObject(value) && typeof value['apiVersion'] === 'string' && value['apiVersion'].startsWith('openslo');
}

/** Without a sound kind nothing further is said of a document: what it may hold is not known. */
export const openDocument: Read<OpenDocument> = (value, at) => {
  const kind = oneOf(names)(isObject(value) ? value['kind'] : undefined, at.in('kind'));
  if (kind === undefined) return undefined;
  const found = object({
    apiVersion: required(oneOf(['openslo/v1'])),
    kind: required(oneOf([kind])),
    metadata: required(metadata),
    spec: kind === 'Service' ? optional(kinds.Service, { kind: 'Service' } as const) : required(kinds[kind]),
  })(value, at);
  if (found === undefined) return undefined;
  const { name, annotations } = found.metadata;
  return { name, annotations, at, ...found.spec };
};

/** What a file says there is, sound or not. */
export type Declared = { readonly kind: unknown; readonly name: unknown; readonly at: At };

export function declaredBy(value: unknown, at: At): Declared {
  const { kind, metadata: about } = isObject(value) ? value : {};
  return { kind, name: isObject(about) ? about['name'] : undefined, at: at.in('metadata').in('name') };
}

/** Notes names that stand twice, and names of documents that are not there. */
export function noteLoose(documents: readonly OpenDocument[], declared: readonly Declared[]): void {
  for (const [index, { kind, name, at }] of declared.entries()) {
    const first = declared.findIndex((other) => other.kind === kind && other.name === name);
    if (name === undefined || first === index) continue;
    at.note(`the ${kind} ${shown(name)} a second time`, 'a name that no other of its kind has');
  }
  for (const reference of documents.flatMap(referencesOf)) noteUnknown(reference, declared);
}

/** An SLI has to be there. Others are noted only where documents of their kind are: they may be kept somewhere else. */
function noteUnknown({ kind, name, at }: Reference, declared: readonly Declared[]): void {
  const names = declared.filter((other) => other.kind === kind).map((other) => other.name);
  const known = [...new Set(names.filter((one) => typeof one === 'string'))];
  if (known.includes(name) || (known.length === 0 && kind !== 'SLI')) return;
  const where = `the name of a document of kind ${kind} in the files that are imported together`;
  at.note(shown(name), known.length === 0 ? where : choice(known, name));
}

function referencesOf(document: OpenDocument): readonly Reference[] {
  switch (document.kind) {
    case 'SLO':
      return sloReferences(document.slo, document.at.in('spec'));
    case 'SLI':
      return sources(document.sli);
    case 'AlertPolicy':
    case 'AlertCondition':
    case 'AlertNotificationTarget':
      return document.alerts.references;
    case 'DataSource':
    case 'Service':
      return [];
  }
}

function sloReferences({ indicator, indicatorRef, service: name, alertPolicies }: Slo, at: At): readonly Reference[] {
  return [
    { kind: 'Service', name, at: at.in('service') },
    ...(indicatorRef === null ? [] : [{ kind: 'SLI' as const, name: indicatorRef, at: at.in('indicatorRef') }]),
    ...(indicator === null ? [] : sources(indicator.spec)),
    ...alertPolicies.flatMap(({ references }) => references),
  ];
}

function sources(sli: Sli): readonly Reference[] {
  return metricsOf(sli).flatMap(({ source, sourceAt: at }) =>
    source === null ? [] : [{ kind: 'DataSource' as const, name: source, at }],
  );
}
