/** A check as terms of a dialogue, and the dialogue as an observation. */

import { formatHostPort } from '../../contract/address.ts';
import type { Check } from '../../contract/check.ts';
import type { Json } from '../../contract/json.ts';
import type { Details, Observation } from '../../contract/result.ts';
import type { Failure, ProbeContext } from '../prober.ts';
import { failed } from '../probers/http.ts';
import type { CertificateFacts, TlsFacts } from '../tls/facts.ts';
import type { TlsSettings } from '../tls/settings.ts';
import { tlsSettings as settingsOf } from '../tls/terms.ts';
import type { Dialogue, DialogueStep, DialogueTerms } from './dialogue.ts';

type Asking = Check<'tcp'> | Check<'tls'>;

/** Where and how, without what is said. */
export async function termsOf(
  check: Asking,
  steps: readonly DialogueStep[],
  context: ProbeContext,
): Promise<DialogueTerms | { readonly failure: Failure }> {
  const { host, port, family, resolveWith, tls } = check;
  if (tls === undefined) return { host, port, family, resolveWith, tlsSettings: plain, steps, tls: false };
  const spoken = await settingsOf(tls, host, context.secrets);
  if ('mistake' in spoken) return { failure: { failedAt: 'agent', reason: spoken.mistake } };
  const terms = { host, port, family, resolveWith, tlsSettings: spoken.settings, steps };
  const begins = !steps.some(({ startTls }) => startTls === true);
  return { ...terms, tls: begins, ...(tls.serverName === undefined ? {} : { tlsName: tls.serverName }) };
}

const plain: TlsSettings = {};

/** What could not be asked at all. */
export function unasked(check: Asking, failure: Failure): Observation {
  return { durationMs: 0, phases: {}, region: check.region, servedBy: null, details: {}, ...failed(failure) };
}

/** Good unless the dialogue failed or `judge` says what is wrong. */
export function observationOf(
  seen: Dialogue,
  check: Asking,
  context: ProbeContext,
  judge: (seen: Dialogue) => string | undefined,
): Observation {
  const { durationMs, phases, ip } = seen;
  const region = (ip === null ? null : context.regionOf(ip)) ?? check.region;
  const about = { durationMs, phases, region, servedBy: null, details: detailsOf(seen, check) };
  if (seen.failure !== null) return { ...about, ...failed(seen.failure) };
  const reason = judge(seen);
  return reason === undefined ? { ...about, outcome: 'good' } : { ...about, ...failed({ failedAt: 'answer', reason }) };
}

function detailsOf({ ip, tls, expectInfo }: Dialogue, { port }: Asking): Details {
  const address = ip === null ? undefined : formatHostPort({ host: ip, port });
  if (tls === null && expectInfo.length === 0) return address === undefined ? {} : { address };
  const extra = { ...(tls === null ? {} : described(tls)), ...labelsOf(expectInfo) };
  return {
    ...(address === undefined ? {} : { address }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** Times are those at which the first certificate ends: of those sent, and of the verified chain that lasts longest. */
function described({ version, cipher, peers, chains }: TlsFacts): Record<string, Json> {
  const [leaf] = peers;
  return {
    tlsVersion: version,
    cipher,
    ...(leaf === undefined ? {} : { subject: leaf.subject, issuer: leaf.issuer, fingerprint: leaf.sha256 }),
    ...(leaf === undefined ? {} : { expiresAtMs: endOf(peers) }),
    ...(chains.length === 0 ? {} : { chainExpiresAtMs: Math.max(...chains.map(endOf)) }),
  };
}

function endOf(certificates: readonly CertificateFacts[]): number {
  return Math.min(...certificates.map(({ notAfterMs }) => notAfterMs));
}

function labelsOf(expectInfo: Dialogue['expectInfo']): { readonly labels?: Record<string, string> } {
  return expectInfo.length === 0 ? {} : { labels: Object.assign({}, ...expectInfo) as Record<string, string> };
}
