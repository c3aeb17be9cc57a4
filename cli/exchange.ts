/** Where metrics come from and go to, for the aggregator: selectors checked, and secrets where they are used. */
import { readFileSync } from 'node:fs';
import type { AlertmanagerOptions } from '../aggregator/alerts/options.ts';
import { parseSelector } from '../aggregator/federation/matchers.ts';
import { SelectorError } from '../aggregator/federation/selector-error.ts';
import type { FederateOptions } from '../aggregator/federation/server-options.ts';
import type { RemoteWriteOptions } from '../aggregator/remote-write/options.ts';
import { codeOf } from '../contract/failure.ts';
import { type Mistake, Mistakes } from '../contract/mistake.ts';
import type { SecretReference } from '../contract/secret.ts';
import type { Scenario } from '../scenarios/scenario.ts';

export type ExchangeOptions = {
  readonly remoteWrite: readonly RemoteWriteOptions[];
  readonly federate: readonly FederateOptions[];
  readonly alertmanagers: readonly AlertmanagerOptions[];
};

/** Throws `Mistakes` when a selector cannot be read, or a secret is not where it is said to be. */
export function exchangeOf(
  scenario: Scenario,
  environment: Readonly<Record<string, string | undefined>>,
): ExchangeOptions {
  const mistakes: Mistake[] = [];
  const token = (place: string, reference: SecretReference | null): (() => string) | null => {
    if (reference === null) return null;
    const read = (): string => secretOf(reference, environment);
    try {
      if (read() === '') mistakes.push({ place, got: 'an empty secret', want: 'a token on one line' });
    } catch (error) {
      const got = JSON.stringify('file' in reference ? reference.file : reference.env);
      mistakes.push({ place, got, want: `a secret that can be read (${codeOf(error) ?? 'not set'})` });
    }
    return read;
  };
  const remoteWrite = scenario.remoteWrite.map(({ token: reference, histograms, ...plan }, index) => ({
    ...plan,
    native: histograms === 'native',
    token: token(`remoteWrite[${index}].token`, reference),
  }));
  const federate = scenario.federate.map(({ token: reference, ...plan }, index) => {
    for (const [at, match] of plan.match.entries()) {
      const wrong = mistakeIn(match);
      if (wrong !== null) {
        const place = `federate[${index}].match[${at}]`;
        mistakes.push({ place, got: JSON.stringify(match), want: `a selector (${wrong})` });
      }
    }
    return { ...plan, token: token(`federate[${index}].token`, reference) };
  });
  const alertmanagers = scenario.alertmanagers.map(({ token: reference, basicAuth, ...plan }, index) => {
    const place = `alertmanagers[${index}]`;
    const bearer = token(`${place}.token`, reference);
    const password = token(`${place}.basicAuth.password`, basicAuth?.password ?? null);
    const basic = (): string => Buffer.from(`${basicAuth?.username}:${password?.()}`).toString('base64');
    return { ...plan, authorization: password ? () => `Basic ${basic()}` : bearer && (() => `Bearer ${bearer()}`) };
  });
  if (mistakes.length > 0) throw new Mistakes(mistakes);
  return { remoteWrite, federate, alertmanagers };
}

/** Read anew every time, so that a token may be replaced while we run. Throws when it is not there. */
export function secretOf(
  reference: SecretReference,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if ('file' in reference) return readFileSync(reference.file, 'utf8').trim();
  const value = environment[reference.env];
  if (value === undefined) throw new Error(`${reference.env} is not set`);
  return value.trim();
}

function mistakeIn(match: string): string | null {
  try {
    parseSelector(match);
    return null;
  } catch (error) {
    if (error instanceof SelectorError) return error.message;
    throw error;
  }
}
