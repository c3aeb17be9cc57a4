/** Defaults and validation of Secrets: what is given as text is kept as base64, and never read back as text. */
import type { JsonObject } from '../../contract/json.ts';
import { at, type KubeObject, objectAt, same, textAt, textsAt } from './object.ts';
import { type Cause, invalidValue, notAllowed } from './refusal.ts';

export function secretDefaults(secret: KubeObject): KubeObject {
  const { stringData: _text, ...rest } = secret;
  const texts = Object.entries(textsAt(secret, 'stringData'));
  const encoded = texts.map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  const data: JsonObject = { ...objectAt(secret, 'data'), ...Object.fromEntries(encoded) };
  const isEmpty = Object.keys(data).length === 0;
  return { type: 'Opaque', ...rest, ...(isEmpty ? {} : { data }) } as KubeObject;
}

const keyName = /^[-._a-zA-Z0-9]{1,253}$/;

export function secretCauses(secret: KubeObject, previous: KubeObject | undefined): readonly Cause[] {
  const why = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  const causes = Object.keys(objectAt(secret, 'data')).flatMap((key) =>
    keyName.test(key) ? [] : [invalidValue(`data[${key}]`, key, why)],
  );
  if (previous === undefined) return causes;
  const type = textAt(secret, 'type') ?? '';
  if (type !== textAt(previous, 'type')) causes.push(invalidValue('type', type, 'field is immutable'));
  if (at(previous, 'immutable') !== true) return causes;
  const fixed = 'field is immutable when `immutable` is set';
  if (at(secret, 'immutable') !== true) causes.push(notAllowed('immutable', fixed));
  if (!same(at(previous, 'data'), at(secret, 'data'))) causes.push(notAllowed('data', fixed));
  return causes;
}
