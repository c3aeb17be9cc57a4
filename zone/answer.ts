/** What a name server of Route 53 answers, given the zone, the client's place and the health it knows of. */
import type { Random } from '../contract/random.ts';
import { type AnswerRecord, type Choice, draw, type Final, finals } from './choice.ts';
import { groupAt, negativeSoa, ownerOf } from './lookup.ts';
import { canonicalName, isWithin } from './names.ts';
import { isLocated, select } from './policies.ts';
import type { ClientLocation, RecordSet, Zone } from './records.ts';

export type { AnswerRecord } from './choice.ts';

export type Question = { readonly name: string; readonly type: string };

export type Answer = {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  readonly records: readonly AnswerRecord[];
  /** Present with NXDOMAIN, and with NOERROR where there is no record of that type. */
  readonly authoritySoa?: AnswerRecord;
  /** Whether another place could get another answer: then it holds for the client's subnet only. */
  readonly located: boolean;
};

export type PossibleAnswer = Final;

/** Whether a health check counts as healthy. */
export type Healthy = (healthCheckId: string) => boolean;

/** Whether what an alias leads to outside of the zone counts as healthy, where the alias inherits that. */
export type TargetHealthy = (alias: RecordSet) => boolean;

/** Longer chains of aliases and CNAMEs lead nowhere. */
const mostHops = 16;
/** Of an alias to an AWS resource: it cannot be set. */
const outsideAliasTtlSeconds = 60;

/** One answer, drawn by the weights where the zone says so. */
export function answer(
  zone: Zone,
  question: Question,
  client: ClientLocation,
  healthy: Healthy,
  random: Random,
): Answer {
  const name = canonicalName(question.name);
  if (!isWithin(name, zone.name)) return { rcode: 'REFUSED', records: [], located: false };
  const { choice, located } = choiceFor(zone, { name, type: question.type }, client, healthy);
  const records = choice === undefined ? [] : draw(choice, random);
  if (records.length > 0) return { rcode: 'NOERROR', records, located };
  const soa = negativeSoa(zone);
  const rcode = choice === undefined ? 'NXDOMAIN' : 'NOERROR';
  return { rcode, records, located, ...(soa === undefined ? {} : { authoritySoa: soa }) };
}

/**
 * Every answer that may be given, with its probability: exact, but for a multivalue group of more than 12, which is
 * given as one answer with all its values. An alias to an AWS resource is given by the resource's name, and is healthy
 * unless `targetHealthy` says otherwise. Empty where
 * there is no such name; one answer without values where the name has none of that type.
 */
export function possibleAnswers(
  zone: Zone,
  question: Question,
  client: ClientLocation,
  healthy: Healthy,
  targetHealthy?: TargetHealthy,
): readonly PossibleAnswer[] {
  const name = canonicalName(question.name);
  const choice = isWithin(name, zone.name)
    ? choiceFor(zone, { name, type: question.type }, client, healthy, targetHealthy).choice
    : undefined;
  if (choice === undefined) return [];
  return finals(choice, question.type);
}

type Located = { readonly choice: Choice | undefined; readonly located: boolean };

function choiceFor(
  zone: Zone,
  question: Question,
  client: ClientLocation,
  healthy: Healthy,
  targetHealthy: TargetHealthy = () => true,
): Located {
  let located = false;
  // Each name is worked out once for each number of hops: names may lead to each other in very many ways, or in circles.
  const choices = new Map<string, Choice | undefined>();
  const health = new Map<string, boolean>();

  /** `undefined` where the name does not exist. Answers carry the name that was asked, `as`, also through aliases. */
  function choiceAt(name: string, as: string, hops: number): Choice | undefined {
    const key = `${hops} ${as} ${name}`;
    if (!choices.has(key)) choices.set(key, choiceFrom(name, as, hops));
    return choices.get(key);
  }

  function choiceFrom(name: string, as: string, hops: number): Choice | undefined {
    const owner = ownerOf(zone, name);
    if (owner === undefined) return undefined;
    const exact = groupAt(zone, owner, question.type);
    const group = exact.length > 0 ? exact : groupAt(zone, owner, 'CNAME');
    located ||= isLocated(group);
    const selection = select(group, client, (record) => isHealthy(record, hops));
    if (selection.kind === 'several') {
      return { ...selection, among: selection.among.map((record) => valuesOf(record, as)) };
    }
    if (selection.among.length === 0) return { kind: 'records', records: [] };
    return {
      kind: 'one',
      among: selection.among.map(({ weight, record }) => ({ weight, choice: choiceOf(record, as, hops) })),
    };
  }

  function choiceOf(record: RecordSet, as: string, hops: number): Choice {
    const { target } = record;
    if (target.kind === 'alias') {
      if (hops >= mostHops) return { kind: 'records', records: [] };
      if (target.hostedZoneId !== zone.id) return { kind: 'records', records: [], outside: target.name };
      return choiceAt(target.name, as, hops + 1) ?? { kind: 'records', records: [] };
    }
    const records = valuesOf(record, as);
    const leadsTo = canonicalName(target.values[0] ?? '.');
    if (record.type !== 'CNAME' || question.type === 'CNAME' || hops >= mostHops || !isWithin(leadsTo, zone.name)) {
      return { kind: 'records', records };
    }
    const next = choiceAt(leadsTo, leadsTo, hops + 1);
    return next === undefined ? { kind: 'records', records } : { kind: 'chain', records, next };
  }

  /** Both must hold, where present: the record's own health check, and the health of what it is an alias of. */
  function isHealthy(record: RecordSet, hops: number): boolean {
    if (record.healthCheckId !== null && !healthy(record.healthCheckId)) return false;
    const { target } = record;
    if (target.kind !== 'alias' || !target.evaluateTargetHealth) return true;
    if (target.hostedZoneId !== zone.id) return targetHealthy(record);
    if (hops >= mostHops) return false;
    const key = `${hops} ${record.type} ${target.name}`;
    const known = health.get(key);
    if (known !== undefined) return known;
    const owner = ownerOf(zone, target.name);
    const well = owner !== undefined && groupAt(zone, owner, record.type).some((below) => isHealthy(below, hops + 1));
    health.set(key, well);
    return well;
  }

  const choice = choiceAt(question.name, question.name, 0);
  return { choice, located };
}

function valuesOf({ type, target }: RecordSet, name: string): readonly AnswerRecord[] {
  return target.kind === 'alias'
    ? [{ name, type, ttlSeconds: outsideAliasTtlSeconds, value: target.name }]
    : target.values.map((value) => ({ name, type, ttlSeconds: target.ttlSeconds, value }));
}
