import { sentenceOf, Trouble } from '../chaos/trouble.ts';
import { Mistakes } from '../contract/mistake.ts';
import { type ReloadState, reloads } from '../probes/reloaded.ts';
import { announce, onHangup, untilEnd } from './daemon.ts';
import { exitCodes } from './exit.ts';
import type { Io } from './io.ts';
import { type ModuleFlags, moduleOptions, runModules } from './modules.ts';
import { gathered, optionReader } from './options.ts';
import type { Register } from './program.ts';
import { proxies } from './proxies.ts';
import { renewedCa, renewedPem, renewedToken } from './renewed.ts';
import { startTelemetry } from './telemetry/telemetry.ts';
import { tuneV8 } from './v8.ts';
import { version } from './version.ts';

/** From room for a minute of a small fleet's checks to what SQLite still goes through quickly. */
const spoolSizes = { from: 65_536, to: 64 * 1_073_741_824 };

type Options = ModuleFlags & {
  readonly vantage?: string;
  readonly region?: string;
  readonly aggregator?: readonly string[];
  readonly leaveAfter: string;
  readonly returnAfter: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly proxy?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly resolver?: string;
  readonly sourceAddress?: string;
  readonly allowTarget?: readonly string[];
  readonly secrets?: string;
  readonly state?: string;
  readonly spoolSize: string;
  readonly listen: string;
  readonly ledger?: string;
  readonly check?: boolean;
  readonly workers: string;
};

export const register: Register = (program, io, done) => {
  program
    .command('agent')
    .description('Probe from here what the aggregator assigns, and send it the results.')
    .option('--vantage <name>', 'the name of this place; one agent a name')
    .option('--region <region>', 'the region this agent runs in')
    .option(
      '--aggregator <url>',
      'where the aggregator listens; of several (again, or with commas) one is chosen',
      gathered,
    )
    .option('--leave-after <duration>', 'how long an aggregator may be gone before the next one has this agent', '5s')
    .option('--return-after <duration>', 'how long the chosen one has to be there again before it has it back', '30s')
    .option('--token-file <file>', "the aggregator's write token")
    .option('--ca <file>', 'certificates in PEM to trust beside the system’s')
    .option('--proxy <url>', 'the HTTP proxy that leads to the aggregator, or none (default: as the environment says)')
    .option('--tls-cert <file>', 'instead of a token: a certificate in PEM for the name of this agent')
    .option('--tls-key <file>', 'its key in PEM')
    .option('--resolver <host:port>', 'the DNS server to ask (default: the first of /etc/resolv.conf)')
    .option('--source-address <ip>', 'the local address to probe from')
    .option(
      '--allow-target <target>',
      'probe nothing but this (again for more): an address, a CIDR or the end of a host name, each with or without :port',
      gathered,
    )
    .option('--secrets <dir>', 'the folder of the secrets that checks may name, each with a list NAME.hosts beside it')
    .option('--state <dir>', 'where the spool and the last assignment are kept (default: .blackstart/agent-<vantage>)')
    .option('--spool-size <size>', 'what may wait for an aggregator; beyond it the oldest results go first', '64MiB')
    .option('--modules <file>', 'a blackbox.yml: answer /probe as blackbox_exporter does; needs no --aggregator')
    .option('--timeout-offset <seconds>', 'with --modules: taken off the time that Prometheus waits', '0.5')
    .option('--history-limit <count>', 'with --modules: how many probes /logs remembers', '100')
    .option('--probe-log <level>', 'with --modules: debug, info, warn or error, the least that /logs shows', 'info')
    .option('--listen <host:port>', 'for /metrics, /-/healthy and /-/ready', '127.0.0.1:0')
    .option('--workers <n>', 'in how many threads to probe', '1')
    .option('--ledger <file>', 'append every numbered result to this file before it is sent')
    .option('--check', 'say whether --modules can be read, and where it cannot, and do nothing else')
    .addHelpText(
      'after',
      '\nExample: blackstart agent --vantage eu-1 --region eu-west-1 --aggregator https://blackstart.example:9400 --token-file token',
    )
    .action(async (options: Options) => {
      const reader = optionReader();
      if (options.check === true) {
        const file = reader.required('--modules', options.modules, 'the blackbox.yml to check');
        reader.check();
        const { checkModules } = await import('./check-modules.ts');
        io.stdout.write(`${checkModules(file)}
`);
        done(exitCodes.pass);
        return;
      }
      const modules = moduleOptions(options, reader, io.env);
      if (modules !== undefined && options.aggregator === undefined) {
        await runModules(modules, options, reader, io);
        done(exitCodes.pass);
        return;
      }
      const vantage = reader.required('--vantage', options.vantage, 'a name for this place, such as eu-west-1');
      const region = reader.required('--region', options.region, 'the region this agent runs in');
      const given = options.aggregator ?? [];
      reader.required('--aggregator', given.join(','), 'the URL of the aggregator, or of each of several');
      const [aggregator = null, ...otherAggregators] = given.length === 0 ? [] : reader.urls('--aggregator', given);
      const waits = { fromMs: 100, toMs: 3_600_000 };
      const pem = {
        ...(options.tlsCert && { cert: options.tlsCert }),
        ...(options.tlsKey && { key: options.tlsKey }),
      };
      const files = reloads(io);
      const watching = { clock: io.clock, log: io.log, reloads: files };
      const certificate = renewedPem(reader, pem, '--tls-cert', watching);
      const settings = {
        agent: vantage,
        vantage,
        region,
        version,
        aggregator,
        otherAggregators,
        homing: {
          leaveAfterMs: reader.durationMs('--leave-after', options.leaveAfter, waits),
          returnAfterMs: reader.durationMs('--return-after', options.returnAfter, waits),
        },
        token: renewedToken(reader, '--token-file', options.tokenFile, watching),
        ...(certificate !== null && { certificate }),
        ca: renewedCa(reader, '--ca', options.ca, watching),
        proxyFor: proxies(reader, { proxy: options.proxy, env: io.env }),
        reloads: files,
        resolver: reader.address('--resolver', options.resolver, 53),
        sourceAddress: options.sourceAddress ?? null,
        allowTargets: options.allowTarget ?? [],
        secrets: { dir: options.secrets ?? null, env: io.env },
        stateDir: reader.folder('--state', options.state ?? `.blackstart/agent-${vantage}`),
        spoolBytes: reader.bytes('--spool-size', options.spoolSize, spoolSizes),
        listen: reader.address('--listen', options.listen),
        ledgerFile: options.ledger ?? null,
        modules,
        threads: reader.whole('--workers', options.workers, { from: 1, to: 64 }),
      };
      if (certificate !== null && settings.aggregator?.protocol === 'http:') {
        reader.mistake({ place: '--aggregator', got: 'http', want: 'https: a certificate is shown over TLS alone' });
      }
      reader.check();
      tuneV8();
      const { startAgent } = await import('../probes/agent.ts');
      const program = { service: 'blackstart-agent', instance: vantage, wants: { traces: true, metrics: false } };
      const attributes = { 'blackstart.vantage': vantage, 'blackstart.agent.region': region };
      const telemetry = await startTelemetry({ ...program, attributes }, io);
      if (telemetry.tracing !== undefined && settings.threads > 1) {
        await telemetry.stop();
        throw new Mistakes([
          { place: '--workers', got: `${settings.threads}`, want: '1 where traces are written out' },
        ]);
      }
      const agent = await startAgent(settings, { ...io, tracing: telemetry.tracing });
      announce(io, agent.url ?? '');
      files.begin();
      const stopListening = onHangup(() => say(files.reload(), io));
      try {
        await untilEnd(io.signal, agent.ended.catch(refused));
      } finally {
        stopListening();
        files.stop();
        await agent.stop();
        await telemetry.stop();
      }
      done(exitCodes.pass);
    });
};

/** What SIGHUP has read: those that cannot be used have a line of their own when it first happens. */
function say(states: readonly ReloadState[], { log }: Io): void {
  const wrong = states.filter(({ ok }) => !ok).map(({ file }) => file);
  if (wrong.length > 0) log.warn({ files: wrong }, 'SIGHUP: some files cannot be used, what was read before goes on');
  else log.info({ files: states.map(({ file }) => file) }, 'SIGHUP: the files were read again');
}

/** The aggregator will not have this agent: its token, its name or its version has to change first. */
function refused(error: unknown): never {
  throw new Trouble('wrong-input', sentenceOf(error));
}
