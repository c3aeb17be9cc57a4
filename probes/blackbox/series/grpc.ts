/** `prober: grpc`: grpc.health.v1. Unlike blackbox_exporter's, the question ends when the probe's time is up. */
import { isIP } from 'node:net';
import type { HealthAnswer } from '../../grpc/health.ts';
import { tlsSettings } from '../material.ts';
import { choose, type ModuleProbe, type Run } from '../run.ts';
import { parseUrlTarget, portNumber, splitHostPort } from '../target.ts';
import { tlsSeries } from './tls.ts';

const duration = 'probe_grpc_duration_seconds';
const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

export const probeGrpc: ModuleProbe = async (target, { grpc }, run) => {
  const { metrics, log } = run;
  metrics.set(duration, 0, { phase: 'resolve' });
  metrics.declare('probe_grpc_ssl', 'probe_grpc_status_code');
  const url = parseUrlTarget(target);
  if (!url.ok) {
    log.error('Could not parse target URL', { err: url.mistake });
    return false;
  }
  const split = splitHostPort(url.value.host);
  // Without a port all of it is the host: brackets of an IPv6 address as well, which no name server knows.
  const { host, port: portText } = split.ok ? split.value : { host: url.value.host, port: '' };
  const settings = await tlsSettings(grpc.tlsConfig);
  const { address, seconds } = await choose(host, grpc, run);
  if (address === null) return false;
  metrics.set(duration, seconds, { phase: 'resolve' });
  const port = portText === '' ? (grpc.tls ? 443 : 80) : (portNumber(portText) ?? 0);
  const answer = await run.engines.askHealth(
    {
      host: address,
      port,
      family: isIP(address) === 6 ? 'ip6' : 'ip4',
      resolveWith: 'system',
      service: grpc.service,
      tls: grpc.tls,
      tlsName: grpc.tlsConfig.serverName === '' ? host : grpc.tlsConfig.serverName,
      tlsSettings: settings,
      metadata: grpc.metadata,
    },
    run.context,
  );
  answered(answer, run);
  return answer.ok;
};

function answered(answer: HealthAnswer, { metrics, log }: Run): void {
  metrics.set(duration, answer.checkMs / 1_000, { phase: 'check' });
  for (const status of servingStatuses) {
    metrics.set('probe_grpc_healthcheck_response', Number(status === answer.serving), { serving_status: status });
  }
  // As blackbox_exporter has it: only of a server that answered with a status of its health.
  if (answer.tls !== null && answer.serving !== null) {
    metrics.set('probe_grpc_ssl', 1);
    tlsSeries(metrics, answer.tls, 'grpc');
  }
  metrics.set('probe_grpc_status_code', answer.clientStatus);
  if (answer.failure !== null) log.error("can't connect grpc server:", { err: answer.failure.reason });
}
