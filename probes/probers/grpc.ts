import { formatHostPort } from '../../contract/address.ts';
import type { Check } from '../../contract/check.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Details, Observation } from '../../contract/result.ts';
import { askHealth, type HealthAnswer, type HealthQuestion } from '../grpc/health.ts';
import type { Metadata } from '../grpc/metadata.ts';
import { servedByOf } from '../http/served-by.ts';
import { type ProbeContext, shown } from '../prober.ts';
import { tlsSettings } from '../tls/terms.ts';
import { failed } from './http.ts';

/** One call of grpc.health.v1.Health/Check, over a connection of its own. */
export async function probeGrpc(check: Check<'grpc'>, context: ProbeContext): Promise<Observation> {
  const startMs = context.clock.nowMs();
  let question: HealthQuestion;
  try {
    question = await questionOf(check, context);
  } catch (error) {
    const about = { durationMs: 0, phases: {}, region: check.region, servedBy: null, details: {} };
    return { ...about, ...failed({ failedAt: 'agent', reason: messageOf(error) }) };
  }
  const timeoutMs = Math.max(1, check.timeoutMs - (context.clock.nowMs() - startMs));
  const answer = await askHealth({ ...question, timeoutMs }, context);
  const { ip, phases, durationMs, failure } = answer;
  const region = (ip === null ? null : context.regionOf(ip)) ?? check.region;
  const header = (name: string): readonly string[] => [answer.metadata(name) ?? ''];
  const servedBy = servedByOf(check.identity, { header, tls: answer.tls });
  const about = { durationMs, phases, region, servedBy, details: detailsOf(check, answer) };
  return failure === null ? { ...about, outcome: 'good' } : { ...about, ...failed(failure) };
}

/** Rejects with one sentence when a secret is not to be had. */
async function questionOf(check: Check<'grpc'>, { secrets }: ProbeContext): Promise<HealthQuestion> {
  const { host, port, family, resolveWith, service, tls } = check;
  const metadata: Record<string, readonly string[]> = {};
  for (const [name, values] of Object.entries(check.metadata)) {
    metadata[name] = await Promise.all(
      values.map((value) => {
        if (typeof value === 'string') return value;
        if (secrets === undefined) throw new Error(`metadata ${name}: this agent has no secrets`);
        return secrets.read(value, host);
      }),
    );
  }
  const spoken = tls === undefined ? { settings: {} } : await tlsSettings(tls, host, secrets);
  if ('mistake' in spoken) throw new Error(spoken.mistake);
  return {
    ...{ host, port, family, resolveWith, service, metadata: metadata satisfies Metadata },
    tls: tls !== undefined,
    ...(tls?.serverName === undefined ? {} : { tlsName: tls.serverName }),
    tlsSettings: spoken.settings,
  };
}

function detailsOf({ port, identity }: Check<'grpc'>, { ip, grpcStatus, serving, metadata }: HealthAnswer): Details {
  const storedIn = identity.storedIn === null ? undefined : metadata(identity.storedIn.toLowerCase());
  const requestId = metadata('x-request-id');
  const extra = { ...(grpcStatus === null ? {} : { grpcStatus }), ...(serving === null ? {} : { serving }) };
  return {
    ...(ip === null ? {} : { address: formatHostPort({ host: ip, port }) }),
    ...(storedIn === undefined || storedIn === '' ? {} : { storedIn: shown(storedIn) }),
    ...(requestId === undefined || requestId === '' ? {} : { requestId: shown(requestId) }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
