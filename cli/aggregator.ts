import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isLoopback } from '../aggregator/api/auth.ts';
import { emptyAssignment } from '../contract/check.ts';
import { announce, never, untilEnd } from './daemon.ts';
import { exitCodes } from './exit.ts';
import { optionReader, type Reader } from './options.ts';
import type { Register } from './program.ts';
import { renewedPem, renewedToken } from './renewed.ts';
import { startTelemetry } from './telemetry/telemetry.ts';
import { newToken } from './token.ts';

type Options = {
  readonly scenario?: string;
  readonly listen: string;
  readonly state: string;
  readonly tokenFile?: string;
  readonly readTokenFile?: string;
  readonly ca?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly externalUrl?: string;
  readonly name?: string;
  readonly engine?: string;
  readonly engineTokenFile?: string;
};

export const register: Register = (program, io, done) => {
  program
    .command('aggregator')
    .description('Collect the results of agents, judge objectives, and serve metrics, the API and the page.')
    .option('--scenario <file>', 'what to check and what good is; agents are assigned its checks')
    .option('--listen <host:port>', 'for agents, scrapers and people', '127.0.0.1:9400')
    .option('--state <dir>', 'where results and counts are kept', '.blackstart/aggregator')
    .option('--token-file <file>', 'who may write: agents and drills (default: a new one in the state directory)')
    .option('--read-token-file <file>', 'who may read, where it listens beyond loopback')
    .option('--ca <file>', "certificates in PEM to trust when scraping the service's own metrics")
    .option('--tls-cert <file>', 'listen with TLS: the certificate in PEM, read again when it is renewed')
    .option('--tls-key <file>', 'its key in PEM')
    .option('--client-ca <file>', 'certificates in PEM: an agent that one of them signed for needs no token')
    .option('--external-url <url>', 'what people reach it by, for links in alerts (default: where it listens)')
    .option('--name <name>', 'what it is called among several: the label aggregator of all that it remote-writes')
    .option('--engine <url>', 'where several aggregators write to: asked by PromQL for what spans them')
    .option('--engine-token-file <file>', "the engine's token (default: BLACKSTART_ENGINE_TOKEN, if set)")
    .addHelpText(
      'after',
      '\nExample: blackstart aggregator --scenario shop.yaml --listen 0.0.0.0:9400 --token-file token --read-token-file reader',
    )
    .action(async (options: Options) => {
      const reader = optionReader();
      const listen = reader.address('--listen', options.listen) ?? { host: '127.0.0.1', port: 0 };
      const tokens = {
        write: renewedToken(reader, '--token-file', options.tokenFile, io),
        read: renewedToken(reader, '--read-token-file', options.readTokenFile, io),
      };
      if (!isLoopback(listen.host) && options.readTokenFile === undefined && options.clientCa === undefined) {
        const want = 'a token for reading, because --listen reaches beyond loopback (or --client-ca)';
        reader.mistake({ place: '--read-token-file', got: 'nothing', want });
      }
      const ca = reader.file('--ca', options.ca);
      const { tlsCert: cert, tlsKey: key, clientCa } = options;
      const files = { ...(cert && { cert }), ...(key && { key }), ...(clientCa && { ca: clientCa }) };
      const pem = renewedPem(reader, files, '--client-ca', io);
      const externalUrl = reader.url('--external-url', options.externalUrl)?.href ?? null;
      const among = amongOthers(reader, options, io.env);
      const stateDir = reader.folder('--state', options.state);
      reader.check();
      const { notes, ...watched } = await watchedOf(options.scenario, io.env);
      const reloaded = async () => {
        const { notes: again, ...rest } = await watchedOf(options.scenario, io.env);
        for (const note of again) io.log.warn({ note }, 'imported otherwise than written');
        return rest;
      };
      const { collect } = await import('./collect.ts');
      const telemetry = await startTelemetry(
        {
          service: 'blackstart-aggregator',
          instance: `${hostname()}:${listen.port}`,
          attributes: { 'blackstart.scenario': watched.scenario },
          wants: { traces: false, metrics: true },
        },
        io,
      );
      const aggregator = await collect(
        {
          ...watched,
          ...(options.scenario === undefined ? {} : { reloadFrom: reloaded }),
          listen,
          stateDir,
          writeToken: tokens.write ?? keptToken(options.state),
          readToken: tokens.read,
          ca,
          push: telemetry.push,
          externalUrl,
          ...(pem !== null && { tls: { read: () => ({ ...pem(), clientCa: pem().ca }) } }),
          ...among,
        },
        io,
      );
      announce(io, aggregator.url);
      for (const note of notes) io.log.warn({ note }, 'imported otherwise than written');
      await untilEnd(io.signal, never);
      await aggregator.stop();
      await telemetry.stop();
      done(exitCodes.pass);
    });
};

/** Its name among several aggregators, and the engine that they share. */
function amongOthers(reader: Reader, options: Options, environment: Readonly<Record<string, string | undefined>>) {
  const { name = null, engine, engineTokenFile: file } = options;
  if (name !== null && !/^[\w.:-]{1,128}$/.test(name)) {
    reader.mistake({ place: '--name', got: JSON.stringify(name), want: '1 to 128 letters, digits, or any of _ . : -' });
  }
  const url = reader.url('--engine', engine);
  if (url !== null && name === null) {
    reader.mistake({ place: '--name', got: 'nothing', want: 'a name of its own, with --engine' });
  }
  if (file !== undefined && url === null) {
    reader.mistake({ place: '--engine', got: 'nothing', want: 'a URL, with --engine-token-file' });
  }
  reader.secret('--engine-token-file', file);
  const given = environment['BLACKSTART_ENGINE_TOKEN']?.trim() ?? '';
  const kept = given === '' ? null : (): string => given;
  const token = file === undefined ? kept : (): string => readFileSync(file, 'utf8').trim();
  return { name, promql: url === null ? null : { url: url.href, token } };
}

/** What a scenario is to the aggregator, which never sees the scenario itself. */
async function watchedOf(file: string | undefined, environment: Readonly<Record<string, string | undefined>>) {
  if (file === undefined) {
    return {
      scenario: 'none',
      assignment: emptyAssignment,
      objectives: [],
      sources: [],
      prefix: 'blackstart',
      regions: [],
      notes: [],
    };
  }
  const { loadScenario } = await import('../scenarios/load.ts');
  const { assignmentOf, metricsSourcesOf, objectivesOf } = await import('../scenarios/compile.ts');
  const { exchangeOf } = await import('./exchange.ts');
  const scenario = await loadScenario(file);
  return {
    scenario: scenario.service,
    assignment: assignmentOf(scenario, 1),
    objectives: objectivesOf(scenario),
    sources: metricsSourcesOf(scenario),
    prefix: scenario.metricsPrefix,
    regions: Object.keys(scenario.regions),
    notes: scenario.notes ?? [],
    ...exchangeOf(scenario, environment),
  };
}

/** The token of the state directory, which only whoever may read that knows; a new one the first time. */
function keptToken(stateDir: string): string {
  const file = join(stateDir, 'write-token');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const token = newToken();
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}
