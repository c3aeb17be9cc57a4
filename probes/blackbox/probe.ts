/** `/probe`: one probe of one target within its time, and what becomes of it. */
import type { Clock } from '../../contract/clock.ts';
import { DeadlineExceeded } from '../../contract/deadline.ts';
import { type Ending, ending, endingWithin } from '../ending.ts';
import type { ProbeContext } from '../prober.ts';
import type { Lookup } from './choose.ts';
import type { Module } from './config/module.ts';
import type { Engines } from './engines.ts';
import type { History } from './history.ts';
import { type LogLevel, newProbeLog } from './log.ts';
import { exposition, type Family, newProbeMetrics } from './metrics.ts';
import { proberOf } from './probers.ts';
import type { Run } from './run.ts';
import type { EnvironmentProxy } from './series/http-proxy.ts';
import { scrapeTimeout } from './timeout.ts';

export type ProbeSettings = {
  readonly timeoutOffsetSeconds: number;
  readonly logLevel: LogLevel;
};

export type ProbeParts = {
  readonly context: Omit<ProbeContext, 'ending' | 'kept' | 'traceparent'>;
  readonly lookup: Lookup;
  readonly engines: Engines;
  /** For modules that say `proxy_from_environment`. */
  readonly environmentProxy: EnvironmentProxy;
  readonly history: History;
  /** As `debug=true` shows it, without secrets. */
  readonly showModule: (module: Module) => string;
};

/** What a scrape asks for; '' for what it leaves out. */
export type Asked = {
  readonly module: string;
  readonly target: string;
  readonly hostname: string;
  /** X-Prometheus-Scrape-Timeout-Seconds, as it came. */
  readonly scrapeTimeout: string | undefined;
  /** When nobody waits for the answer any more, or when the agent stops. */
  readonly ending: Ending;
};

export type Probed =
  | { readonly ok: true; readonly families: readonly Family[]; readonly debug: () => string }
  | { readonly ok: false; readonly status: number; readonly mistake: string; readonly unknownModule?: true };

const defaultModule = 'http_2xx';
/** Of a timer; nobody's probe runs longer. */
const maxTimeoutMs = 2_147_483_647;

export async function probeTarget(
  asked: Asked,
  modules: ReadonlyMap<string, Module>,
  settings: ProbeSettings,
  parts: ProbeParts,
): Promise<Probed> {
  const name = asked.module === '' ? defaultModule : asked.module;
  const found = modules.get(name);
  if (found === undefined) return { ...refused(400, `Unknown module ${JSON.stringify(name)}`), unknownModule: true };
  const timeout = scrapeTimeout(asked.scrapeTimeout, found.timeoutMs / 1_000, settings.timeoutOffsetSeconds);
  if (!timeout.ok) return refused(500, `Failed to parse timeout from Prometheus header: ${timeout.mistake}`);
  if (asked.target === '') return refused(400, 'Target parameter is missing');
  if (proberOf(found.prober) === undefined) return refused(400, `Unknown prober ${JSON.stringify(found.prober)}`);
  const module = forHostname(found, asked.hostname);
  if ('mistake' in module) return refused(400, module.mistake);
  return ran({ ...asked, module: name }, module, timeout.seconds, settings, parts);
}

function refused(status: number, mistake: string): Extract<Probed, { ok: false }> {
  return { ok: false, status, mistake };
}

/** What `hostname=` means to the module: the Host header and with it the name in TLS, or the name in TLS alone. */
function forHostname(module: Module, hostname: string): Module | { readonly mistake: string } {
  if (hostname === '') return module;
  if (module.prober === 'http') {
    const { headers } = module.http;
    const other = Object.entries(headers).find(([name, value]) => name.toLowerCase() === 'host' && value !== hostname);
    if (other !== undefined) {
      const both = `(${other[1]}) and with URL-parameter 'hostname' (${hostname})`;
      return { mistake: `host header defined both in module configuration ${both}` };
    }
    return { ...module, http: { ...module.http, headers: { ...headers, Host: hostname } } };
  }
  if (module.prober === 'tcp' && module.tcp.tlsConfig.serverName === '') {
    const tlsConfig = { ...module.tcp.tlsConfig, serverName: hostname };
    return { ...module, tcp: { ...module.tcp, tlsConfig } };
  }
  return module;
}

async function ran(
  asked: Asked,
  module: Module,
  seconds: number,
  settings: ProbeSettings,
  parts: ProbeParts,
): Promise<Probed> {
  const { clock } = parts.context;
  const metrics = newProbeMetrics();
  metrics.declare('probe_success', 'probe_duration_seconds');
  metrics.set('probe_timeout_seconds', Number.isFinite(seconds) ? Math.max(0, seconds) : 0);
  const log = newProbeLog(settings.logLevel, { module: asked.module, target: asked.target }, () => clock.wallMs());
  log.debug('Beginning probe', { probe: module.prober, timeout_seconds: seconds });
  const startMs = clock.nowMs();
  const success = await inTime(clock, limitMs(seconds), asked.ending, (own) =>
    succeeds(asked.target, module, { ...parts, metrics, log, context: { ...parts.context, ending: own } }),
  );
  const duration = (clock.nowMs() - startMs) / 1_000;
  metrics.set('probe_duration_seconds', duration);
  metrics.set('probe_success', Number(success));
  if (success) log.debug('Probe succeeded', { duration_seconds: duration });
  else log.error('Probe failed', { duration_seconds: duration });
  const families = metrics.families();
  const debug = (): string =>
    [
      `Logs for the probe:\n${log.text()}`,
      `Metrics that would have been returned:\n${exposition(families)}`,
      `Module configuration:\n${parts.showModule(module)}`,
    ].join('\n\n\n');
  parts.history.add({ module: asked.module, target: asked.target, success, debug });
  return { ok: true, families, debug };
}

/** A file of the module that is not there, or a mistake of ours: the probe failed, the exporter did not. */
async function succeeds(target: string, module: Module, run: Run): Promise<boolean> {
  try {
    return (await proberOf(module.prober)?.(target, module, run)) ?? false;
  } catch (error) {
    run.log.error('Error in the prober', { err: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

/** Where there is no time at all nothing is begun that a timer would have to end. */
async function inTime<T>(clock: Clock, ms: number, outer: Ending, work: (own: Ending) => Promise<T>): Promise<T> {
  if (ms <= 0) {
    const over = ending();
    over.end(new DeadlineExceeded(0));
    return work(over);
  }
  const { ending: own, callOff } = endingWithin(clock, ms, outer);
  try {
    return await work(own);
  } finally {
    callOff();
  }
}

function limitMs(seconds: number): number {
  return Number.isFinite(seconds) ? Math.min(maxTimeoutMs, Math.max(0, seconds * 1_000)) : 0;
}
