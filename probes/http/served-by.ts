/** Who says that it answered. */
import type { Identity } from '../../contract/check.ts';
import { shown } from '../prober.ts';
import type { AnswerSeen } from './expectations.ts';

/** By the header, else by `Server-Timing`, else by the certificate; `null` where none of them says so. */
export function servedByOf(identity: Identity, seen: Pick<AnswerSeen, 'header' | 'tls'>): string | null {
  const byHeader = identity.servedBy === null ? undefined : seen.header(identity.servedBy.toLowerCase())[0];
  if (byHeader !== undefined && byHeader !== '') return shown(byHeader);
  if (identity.serverTiming !== undefined) {
    const said = descriptionIn(seen.header('server-timing').join(','), identity.serverTiming);
    if (said !== undefined && said !== '') return shown(said);
  }
  const fingerprint = seen.tls?.peers[0]?.sha256;
  return (fingerprint === undefined ? undefined : identity.fingerprints?.[fingerprint]) ?? null;
}

const metricPattern = /\s*([\w!#$%&'*+.^`|~-]+)((?:[^,"]|"(?:[^"\\]|\\.)*")*)(?:,|$)/y;
const parameterPattern = /;\s*desc\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~-]+))/i;
const longestHeader = 8_192;

/** `Server-Timing: region;desc="eu-west-1", db;dur=53` (https://www.w3.org/TR/server-timing/). */
function descriptionIn(header: string, metric: string): string | undefined {
  const text = header.slice(0, longestHeader);
  metricPattern.lastIndex = 0;
  for (let found = metricPattern.exec(text); found !== null && found[0] !== ''; found = metricPattern.exec(text)) {
    const [, name = '', rest = ''] = found;
    if (name.toLowerCase() !== metric.toLowerCase()) continue;
    const [, quoted, token] = parameterPattern.exec(rest) ?? [];
    return quoted?.replaceAll(/\\(.)/g, '$1') ?? token;
  }
  return undefined;
}
