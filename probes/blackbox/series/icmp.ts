/** `prober: icmp`: one echo request. */
import { isIP } from 'node:net';
import { choose, type ModuleProbe } from '../run.ts';

/** Of "Prometheus Blackbox Exporter", which is what blackbox_exporter sends where no size is said. */
const defaultPayloadBytes = 28;
const name = 'probe_icmp_duration_seconds';

export const probeIcmp: ModuleProbe = async (target, { icmp }, run) => {
  const { metrics, log } = run;
  for (const phase of ['resolve', 'setup', 'rtt']) metrics.set(name, 0, { phase });
  const { address, seconds } = await choose(target, icmp, run);
  if (address === null) return false;
  metrics.set(name, seconds, { phase: 'resolve' });
  const source = icmp.sourceIpAddress;
  if (source !== '' && isIP(source) === 0) {
    log.error('Error parsing source ip address', { srcIP: source });
    return false;
  }
  const echoed = await run.engines.echo(
    {
      host: address,
      family: isIP(address) === 6 ? 'ip6' : 'ip4',
      resolveWith: 'system',
      payloadBytes: icmp.payloadSize === 0 ? defaultPayloadBytes : icmp.payloadSize,
      ttl: icmp.ttl,
      dontFragment: icmp.dontFragment,
      ...(source !== '' && { sourceAddress: source }),
    },
    run.context,
  );
  metrics.set(name, echoed.setupMs / 1_000, { phase: 'setup' });
  metrics.set(name, echoed.rttMs / 1_000, { phase: 'rtt' });
  metrics.set('probe_icmp_way_info', 1, { way: echoed.by });
  if (echoed.hopLimit !== null) metrics.set('probe_icmp_reply_hop_limit', echoed.hopLimit);
  if (echoed.failure !== null) log.error('No echo', { err: echoed.failure.reason });
  return echoed.ok;
};
