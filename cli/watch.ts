import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLoopback } from '../aggregator/api/auth.ts';
import type { VerdictsAnswer } from '../contract/api.ts';
import { type Assignment, emptyAssignment } from '../contract/check.ts';
import { every, sleep } from '../contract/clock.ts';
import type { Objective } from '../contract/objective.ts';
import { formatMs } from '../contract/units.ts';
import type { Verdict } from '../contract/verdict.ts';
import { adHoc } from './check.ts';
import { announce, never, untilEnd } from './daemon.ts';
import { exitCodes } from './exit.ts';
import { getJson } from './http.ts';
import type { Io } from './io.ts';
import { gathered, optionReader } from './options.ts';
import type { Register } from './program.ts';
import { painter } from './table.ts';
import { startTelemetry } from './telemetry/telemetry.ts';
import { newToken } from './token.ts';
import { version } from './version.ts';

type Options = {
  readonly listen: string;
  readonly every: string;
  readonly ca?: string;
  readonly resolver?: string;
  readonly allowTarget?: readonly string[];
  readonly json?: boolean;
};

/** What is watched, in the aggregator's words. */
type Watched = {
  readonly scenario: string;
  readonly assignment: Assignment;
  readonly objectives: readonly Objective[];
  readonly regions: readonly string[];
  readonly prefix: string;
};

const here = 'here';
/** The verdicts are looked at this often; the first is said as soon as there is a sample. */
const lookEveryMs = 1_000;
const dayMs = 86_400_000;

export const register: Register = (program, io, done) => {
  program
    .command('watch')
    .description('An aggregator and one agent here, in one command: the quickest way to a verdict on your own service.')
    .argument('<url|scenario>', 'a URL, or a scenario file')
    .option('--listen <host:port>', 'where the page, the metrics and the API are', '127.0.0.1:0')
    .option('--every <duration>', 'between two attempts', '1s')
    .option('--resolver <host:port>', 'the DNS server to ask')
    .option('--ca <file>', 'certificates in PEM to trust beside the system’s')
    .option(
      '--allow-target <target>',
      'probe nothing but this (again for more); link-local and metadata addresses only so',
      gathered,
    )
    .option('--json', 'one JSON document on stdout, with the first verdicts')
    .addHelpText('after', '\nExample: blackstart watch https://shop.example/health')
    .action(async (what: string, options: Options) => {
      const reader = optionReader();
      const listen = reader.address('--listen', options.listen) ?? { host: '127.0.0.1', port: 0 };
      if (!isLoopback(listen.host)) {
        const want = 'an address of loopback: beyond it reading needs a token, and "aggregator" with --read-token-file';
        reader.mistake({ place: '--listen', got: JSON.stringify(options.listen), want });
      }
      const everyMs = reader.durationMs('--every', options.every, { fromMs: 100, toMs: 3_600_000 });
      const resolver = reader.address('--resolver', options.resolver, 53);
      const ca = reader.file('--ca', options.ca);
      reader.check();
      const watched = /^https?:\/\//.test(what) ? ofUrl(what, everyMs, resolver === null) : await ofScenario(what);
      const stateDir = mkdtempSync(join(tmpdir(), 'blackstart-watch-'));
      const telemetry = await startTelemetry(
        {
          service: 'blackstart-watch',
          instance: watched.scenario,
          attributes: { 'blackstart.scenario': watched.scenario, 'blackstart.vantage': here },
          wants: { traces: true, metrics: true },
        },
        io,
      );
      const { collect } = await import('./collect.ts');
      const { startAgent } = await import('../probes/agent.ts');
      const token = newToken();
      try {
        const aggregator = await collect(
          {
            ...watched,
            listen,
            stateDir: join(stateDir, 'aggregator'),
            writeToken: token,
            readToken: null,
            sources: [],
            ca,
            push: telemetry.push,
          },
          io,
        );
        try {
          const where = {
            agent: here,
            vantage: here,
            region: watched.regions[0] ?? here,
            version,
            aggregator: new URL(aggregator.url),
          };
          const agent = await startAgent(
            {
              ...where,
              token,
              ca,
              resolver,
              sourceAddress: null,
              allowTargets: options.allowTarget ?? [],
              stateDir: join(stateDir, 'agent'),
              listen: null,
              ledgerFile: null,
            },
            { ...io, tracing: telemetry.tracing },
          );
          try {
            announce(io, aggregator.url);
            if (options.json !== true)
              io.stdout.write(
                `watching ${what} from here every ${formatMs(everyMs)}; page, metrics and API: ${aggregator.url}\n`,
              );
            await follow(aggregator.url, options.json === true, io);
          } finally {
            await agent.stop();
          }
        } finally {
          await aggregator.stop();
          await telemetry.stop();
        }
      } finally {
        rmSync(stateDir, { recursive: true, force: true });
      }
      done(exitCodes.pass);
    });
};

function ofUrl(url: string, everyMs: number, bySystem: boolean): Watched {
  const check = {
    ...adHoc(url, null, bySystem),
    id: 'url',
    name: 'url',
    target: new URL(url).hostname,
    region: here,
    everyMs,
  };
  const about = { check: 'url', region: null, from: 'all', windowMs: dayMs } as const;
  return {
    scenario: new URL(url).hostname,
    prefix: 'blackstart',
    regions: [here],
    assignment: { ...emptyAssignment, version: 1, checks: [check], regions: { [here]: [new URL(url).hostname] } },
    objectives: [
      { ...about, id: 'availability', indicator: { kind: 'availability', target: 0.999 } },
      { ...about, id: 'latency', indicator: { kind: 'latency', quantile: 0.95, targetMs: 500 } },
    ],
  };
}

async function ofScenario(file: string): Promise<Watched> {
  const { loadScenario } = await import('../scenarios/load.ts');
  const { assignmentOf, objectivesOf } = await import('../scenarios/compile.ts');
  const scenario = await loadScenario(file);
  const assignment = assignmentOf(scenario, 1);
  const checks = assignment.checks.map((check) => ({ ...check, vantages: null }));
  const objectives = objectivesOf(scenario).map((objective) => ({ ...objective, from: 'all' as const }));
  return {
    scenario: scenario.service,
    prefix: scenario.metricsPrefix,
    regions: Object.keys(scenario.regions),
    assignment: { ...assignment, checks },
    objectives,
  };
}

/** Prints each verdict when it is first known and when it changes, until the first signal. */
async function follow(url: string, json: boolean, io: Io): Promise<void> {
  const paint = painter(io.colour);
  const style = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;
  const said = new Map<string, string>();
  let documented = false;
  const look = async (): Promise<void> => {
    const { verdicts } = await getJson<VerdictsAnswer>(`${url}/api/v1/verdicts`);
    if (verdicts.length === 0 || verdicts.some((verdict) => verdict.n === 0)) return;
    if (json && !documented) io.stdout.write(`${JSON.stringify({ url, verdicts }, null, 2)}\n`);
    documented = true;
    for (const verdict of verdicts) {
      if (said.get(verdict.id) === verdict.status) continue;
      said.set(verdict.id, verdict.status);
      if (!json)
        io.stdout.write(
          `${paint(verdict.status, style[verdict.status])} ${verdict.id}: ${verdict.because}${untilSure(verdict)}\n`,
        );
    }
  };
  const cancel = every(io.clock, lookEveryMs, look, (error) =>
    io.log.warn({ error: String(error) }, 'verdicts could not be read'),
  );
  await untilEnd(io.signal, never);
  cancel();
  await sleep(io.clock, 0);
}

function untilSure(verdict: Verdict): string {
  return verdict.needed === null ? '' : ` (sure after about ${verdict.needed} more samples)`;
}
