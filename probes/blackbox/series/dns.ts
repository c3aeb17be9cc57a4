/** `prober: dns`: one question to the target, which is the server. */
import { isIP } from 'node:net';
import type { Inquired } from '../../dns/inquiry.ts';
import { type Broken, brokenRule, type RuleName } from '../../dns/validators.ts';
import type { DnsModule } from '../config/module.ts';
import type { ProbeLog } from '../log.ts';
import { tlsSettings } from '../material.ts';
import { choose, type ModuleProbe, type Run } from '../run.ts';
import { portNumber, splitHostPort } from '../target.ts';

const duration = 'probe_dns_duration_seconds';

export const probeDns: ModuleProbe = async (target, { dns }, run) => {
  const { metrics, log } = run;
  for (const phase of ['resolve', 'connect', 'request']) metrics.set(duration, 0, { phase });
  metrics.declare('probe_dns_answer_rrs', 'probe_dns_authority_rrs', 'probe_dns_additional_rrs');
  metrics.declare('probe_dns_query_succeeded');
  const early = mistakeBeforeResolving(dns);
  if (early !== undefined) {
    log.error(early);
    return false;
  }
  const split = splitHostPort(target);
  const { host, port } = split.ok ? split.value : { host: target, port: dns.dnsOverTls ? '853' : '53' };
  const { address, seconds } = await choose(host, dns, run);
  if (address === null) return false;
  metrics.set(duration, seconds, { phase: 'resolve' });
  const late = mistakeBeforeAsking(dns);
  if (late !== undefined) {
    log.error(late);
    return false;
  }
  const asked = await ask(dns, { address, host, port }, run);
  metrics.set(duration, asked.phases.connectMs / 1_000, { phase: 'connect' });
  metrics.set(duration, asked.phases.requestMs / 1_000, { phase: 'request' });
  if (asked.rcode === null) {
    log.error('Error while sending a DNS query', { err: asked.failure?.reason ?? 'no answer' });
    return false;
  }
  answered(asked, dns, run);
  return isValid(asked, dns, log);
};

async function ask(
  dns: DnsModule,
  at: { readonly address: string; readonly host: string; readonly port: string },
  { engines, context }: Run,
): Promise<Inquired> {
  const transport = dns.dnsOverTls ? 'tls' : dns.transportProtocol === 'tcp' ? 'tcp' : 'udp';
  return engines.inquire(
    {
      server: { host: at.address, port: portNumber(at.port) ?? 0 },
      transport,
      tls: await tlsSettings(dns.tlsConfig),
      tlsName: dns.tlsConfig.serverName === '' ? at.host : dns.tlsConfig.serverName,
      ...(dns.sourceIpAddress !== '' && { sourceAddress: dns.sourceIpAddress }),
      name: dns.queryName,
      type: dns.queryType === '' ? 'ANY' : dns.queryType,
      class: dns.queryClass === '' ? 'IN' : dns.queryClass,
      recursionDesired: dns.recursionDesired,
      subnet: null,
      nsid: false,
    },
    context,
  );
}

const transports = ['', 'udp', 'tcp'];

function mistakeBeforeResolving({ transportProtocol }: DnsModule): string | undefined {
  return transports.includes(transportProtocol)
    ? undefined
    : `Configuration error: Expected transport protocol udp or tcp, got ${transportProtocol}`;
}

function mistakeBeforeAsking({ dnsOverTls, transportProtocol, sourceIpAddress }: DnsModule): string | undefined {
  if (dnsOverTls && transportProtocol !== 'tcp') {
    return 'Configuration error: Expected transport protocol tcp for DoT';
  }
  return sourceIpAddress !== '' && isIP(sourceIpAddress) === 0 ? 'Error parsing source ip address' : undefined;
}

function answered(asked: Inquired, dns: DnsModule, { metrics }: Run): void {
  metrics.set('probe_dns_answer_rrs', asked.answer.length);
  metrics.set('probe_dns_authority_rrs', asked.authority.length);
  metrics.set('probe_dns_additional_rrs', asked.additional.length);
  metrics.set('probe_dns_query_succeeded', 1);
  if (dns.queryType === 'SOA') metrics.set('probe_dns_serial', asked.serial ?? 0);
}

function isValid(asked: Inquired, dns: DnsModule, log: ProbeLog): boolean {
  const rcodes = dns.validRcodes.length === 0 ? ['NOERROR'] : dns.validRcodes;
  if (!rcodes.includes(asked.rcode ?? '')) {
    log.error('Rcode is not one of the valid rcodes', { rcode: asked.rcode ?? '', valid_rcodes: rcodes.join(' ') });
    return false;
  }
  const sections = [
    ['Answer', asked.answer, dns.validateAnswerRrs],
    ['Authority', asked.authority, dns.validateAuthorityRrs],
    ['Additional', asked.additional, dns.validateAdditionalRrs],
  ] as const;
  for (const [name, records, validator] of sections) {
    const broken = brokenRule(records, validator);
    if (broken !== undefined) {
      log.error(complaintOf(broken));
      log.error(`${name} RRs validation failed`);
      return false;
    }
  }
  return true;
}

const complaints: { readonly [R in RuleName]: string } = {
  failIfMatchesRegexp: 'At least one RR matched regexp',
  failIfNotMatchesRegexp: 'At least one RR did not match regexp',
  failIfAllMatchRegexp: 'Not all RRs matched regexp',
  failIfNoneMatchesRegexp: 'None of the RRs did matched any regexp',
};

function complaintOf(broken: Broken): string {
  if (broken.what === 'pattern') return `Error matching regexp ${broken.pattern}: ${broken.mistake}`;
  if (broken.what !== 'empty') return complaints[broken.rule];
  const key = broken.rule === 'failIfNotMatchesRegexp' ? 'fail_if_not_matches_regexp' : 'fail_if_none_matches_regexp';
  return `${key} specified but no RRs returned`;
}
