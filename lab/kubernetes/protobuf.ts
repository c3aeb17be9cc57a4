/**
 * Typed clients, kubectl's among them, send what they create as protobuf. This reads the kinds that people create by
 * hand around a drill; answers are always JSON, which every client takes.
 */
import type { Json } from '../../contract/json.ts';

type Type = 'text' | 'int' | 'bool' | 'map' | 'bytes' | 'skip' | Message;
type Field = { readonly name: string; readonly type: Type; readonly many?: boolean };
type Message = { readonly [number: number]: Field };

const text = (name: string): Field => ({ name, type: 'text' });
const texts = (name: string): Field => ({ name, type: 'text', many: true });
const int = (name: string): Field => ({ name, type: 'int' });
const bool = (name: string): Field => ({ name, type: 'bool' });
const map = (name: string): Field => ({ name, type: 'map' });
const one = (name: string, type: Message): Field => ({ name, type });
const many = (name: string, type: Message): Field => ({ name, type, many: true });
/** Written by the server alone: what a client sends there counts for nothing. */
const skip: Field = { name: '', type: 'skip' };

const metadata = one('metadata', {
  1: text('name'),
  2: text('generateName'),
  3: text('namespace'),
  4: skip,
  5: text('uid'),
  6: text('resourceVersion'),
  7: skip,
  8: skip,
  11: map('labels'),
  12: map('annotations'),
  14: texts('finalizers'),
});
const container: Message = { 1: text('name'), 2: text('image'), 3: texts('command'), 4: texts('args') };
const podSpec: Message = {
  2: many('containers', container),
  3: text('restartPolicy'),
  4: int('terminationGracePeriodSeconds'),
  6: text('dnsPolicy'),
  8: text('serviceAccountName'),
  9: text('serviceAccount'),
  10: text('nodeName'),
  11: bool('hostNetwork'),
  12: bool('hostPID'),
  13: bool('hostIPC'),
};
const template: Message = { 1: metadata, 2: one('spec', podSpec) };
const deploymentSpec: Message = {
  1: int('replicas'),
  2: one('selector', { 1: map('matchLabels') }),
  3: one('template', template),
  4: one('strategy', { 1: text('type') }),
  5: int('minReadySeconds'),
  6: int('revisionHistoryLimit'),
  7: bool('paused'),
  9: int('progressDeadlineSeconds'),
};
const jobSpec: Message = {
  1: int('parallelism'),
  2: int('completions'),
  6: one('template', template),
  7: int('backoffLimit'),
};
const attributes: Message = {
  1: text('namespace'),
  2: text('verb'),
  3: text('group'),
  4: text('version'),
  5: text('resource'),
  6: text('subresource'),
  7: text('name'),
};
const accessSpec: Message = {
  1: one('resourceAttributes', attributes),
  2: one('nonResourceAttributes', { 1: text('path'), 2: text('verb') }),
};
const rule: Message = {
  1: texts('verbs'),
  2: texts('apiGroups'),
  3: texts('resources'),
  4: texts('resourceNames'),
  5: texts('nonResourceURLs'),
};
const subject: Message = { 1: text('kind'), 2: text('apiGroup'), 3: text('name'), 4: text('namespace') };
const roleRef: Message = { 1: text('apiGroup'), 2: text('kind'), 3: text('name') };

const messages: Readonly<Record<string, Message>> = {
  Namespace: { 1: metadata, 3: skip },
  ServiceAccount: { 1: metadata },
  ConfigMap: { 1: metadata, 2: map('data') },
  Deployment: { 1: metadata, 2: one('spec', deploymentSpec), 3: skip },
  Job: { 1: metadata, 2: one('spec', jobSpec), 3: skip },
  Role: { 1: metadata, 2: many('rules', rule) },
  RoleBinding: { 1: metadata, 2: many('subjects', subject), 3: one('roleRef', roleRef) },
  TokenRequest: { 1: metadata, 2: one('spec', { 1: texts('audiences'), 4: int('expirationSeconds') }), 3: skip },
  SelfSubjectAccessReview: { 1: metadata, 2: one('spec', accessSpec), 3: skip },
  SelfSubjectRulesReview: { 1: metadata, 2: one('spec', { 1: text('namespace') }), 3: skip },
  SelfSubjectReview: { 1: metadata, 2: skip },
};
const envelope: Message = {
  1: one('type', { 1: text('apiVersion'), 2: text('kind') }),
  2: { name: 'raw', type: 'bytes' },
  3: skip,
  4: skip,
};

/** The object as JSON; `undefined` for a kind, or a field with something in it, that is not known here. */
export function fromProtobuf(body: Buffer): Json | undefined {
  if (body.subarray(0, 4).toString('latin1') !== 'k8s\0') return undefined;
  try {
    const { type, raw } = decode(body.subarray(4), envelope) as {
      type?: { apiVersion?: string; kind?: string };
      raw?: string;
    };
    const message = messages[type?.kind ?? ''];
    if (message === undefined || type === undefined) return undefined;
    return { ...type, ...(decode(Buffer.from(raw ?? '', 'base64'), message) as object) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function decode(bytes: Buffer, message: Message): Json {
  const decoded: Record<string, Json> = {};
  let offset = 0;
  while (offset < bytes.length) {
    const key = varint(bytes, offset);
    const value = varint(bytes, key.end);
    const wireType = key.value & 7;
    if (wireType !== 0 && wireType !== 2) throw new RangeError('a wire type that Kubernetes does not use');
    const inner = wireType === 2 ? bytes.subarray(value.end, value.end + value.value) : undefined;
    offset = value.end + (inner?.length ?? 0);
    const field = message[key.value >>> 3];
    if (field === undefined && (inner?.length ?? value.value) === 0) continue;
    if (field === undefined) throw new RangeError(`field ${key.value >>> 3} is not known here`);
    if (field.type !== 'skip') add(decoded, field, fieldValue(field.type, inner, value.value));
  }
  return decoded;
}

function fieldValue(type: Exclude<Type, 'skip'>, inner: Buffer | undefined, number: number): Json {
  if (type === 'int') return number;
  if (type === 'bool') return number !== 0;
  if (inner === undefined) throw new RangeError('a number where something longer belongs');
  if (type === 'text') return inner.toString();
  if (type === 'bytes') return inner.toString('base64');
  if (type !== 'map') return decode(inner, type);
  const entry = decode(inner, { 1: text('key'), 2: text('value') }) as { key?: string; value?: string };
  return { [entry.key ?? '']: entry.value ?? '' };
}

function add(decoded: Record<string, Json>, field: Field, value: Json): void {
  const before = decoded[field.name];
  if (field.many === true) decoded[field.name] = [...(Array.isArray(before) ? before : []), value];
  else if (field.type === 'map') decoded[field.name] = { ...(before as object | undefined), ...(value as object) };
  else if (value !== '') decoded[field.name] = value;
}

/** Kubernetes sends no number here that a double could not hold. */
function varint(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = start; index < bytes.length && index < start + 8; index += 1) {
    const byte = bytes[index] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (index - start));
    if (byte < 0x80) return { value, end: index + 1 };
  }
  throw new RangeError('a number that does not end');
}
