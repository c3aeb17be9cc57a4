/** The programs that a lab runs, started by the command lines that production would use. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import { type Child, startChild } from '../child.ts';

/** What it takes to start a program of ours. */
export type Shop = {
  /** Node and the script that this command itself runs as. */
  readonly self: readonly string[];
  readonly outDir: string;
};

export type Posts = Shop & {
  readonly scenario: string;
  readonly caFile: string;
  readonly kubeconfig: string;
  readonly tokenFile: string;
  readonly route53Endpoint: string;
  /** Vantage, its region's resolver and the address it probes from. */
  readonly vantages: readonly { readonly vantage: string; readonly resolver: string; readonly sourceAddress: string }[];
};

export type Crew = {
  readonly aggregatorUrl: string;
  readonly children: readonly Child[];
  /** Runs `drill run`; each line that it prints goes to `onLine`. Resolves with its exit code. */
  drill(name: string, onLine: (line: string) => void): Child;
  /** Runs `audit --json` and resolves with what it printed. */
  audit(country: string): Promise<string>;
  stop(): Promise<void>;
};

/** How long a daemon may take to end in order. */
const graceMs = 3_000;
/** How long a runner may take to put the region back. */
const restoreGraceMs = 20_000;

export async function startCrew(posts: Posts, clock: Clock, random: Random): Promise<Crew> {
  const children: Child[] = [];
  const runners: Child[] = [];
  const launch = launcher(posts, clock);
  const stop = async (): Promise<void> => {
    await Promise.all(runners.map((runner) => runner.stop(restoreGraceMs, 'SIGINT')));
    const [first, ...rest] = children;
    await Promise.all(rest.map((child) => child.stop(graceMs)));
    await first?.stop(graceMs);
  };
  try {
    const aggregator = launch('aggregator', aggregatorArguments(posts), { NODE_EXTRA_CA_CERTS: posts.caFile });
    children.push(aggregator);
    const aggregatorUrl = await aggregator.listening;
    for (const post of posts.vantages) {
      children.push(
        launch(`agent-${post.vantage}`, agentArguments(posts, post, aggregatorUrl), {
          BLACKSTART_CLOCK: clockError(random),
        }),
      );
    }
    await Promise.all(children.map((child) => child.listening));
    return {
      aggregatorUrl,
      children,
      drill(name, onLine) {
        const runner = launch(
          `drill-${name}`,
          drillArguments(posts, name, aggregatorUrl),
          { ...runnerEnvironment(posts), BLACKSTART_CLOCK: clockError(random) },
          onLine,
        );
        runner.listening.catch(() => undefined);
        runners.push(runner);
        void runner.ended.then(() => runners.splice(runners.indexOf(runner), 1));
        return runner;
      },
      async audit(country) {
        const lines: string[] = [];
        const argv = ['audit', '--user-country', country, '--scenario', posts.scenario, '--json'];
        const child = launch('audit', argv, { NODE_EXTRA_CA_CERTS: posts.caFile }, (line) => lines.push(line));
        child.listening.catch(() => undefined);
        await child.ended;
        return lines.join('\n');
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Launch = (
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  onLine?: (line: string) => void,
) => Child;

/** Starts a program, with a log of its own, and keeps its command line for whoever wants to see it. */
export function launcher(posts: Shop, clock: Clock): Launch {
  return (name, argv, env, onLine) => {
    const plan = { name, self: posts.self, argv, env, logFile: join(posts.outDir, `${name}.log`) };
    const child = startChild(onLine === undefined ? plan : { ...plan, onLine }, clock);
    const command = `${JSON.stringify({ name, argv, env, pid: child.pid })}\n`;
    writeFileSync(join(posts.outDir, 'commands.jsonl'), command, { flag: 'a' });
    return child;
  };
}

function aggregatorArguments(posts: Posts): string[] {
  const state = join(posts.outDir, 'aggregator');
  return [
    'aggregator',
    '--scenario',
    posts.scenario,
    '--listen',
    '127.0.0.1:0',
    '--state',
    state,
    '--token-file',
    posts.tokenFile,
    '--ca',
    posts.caFile,
  ];
}

function agentArguments(posts: Posts, post: Posts['vantages'][number], aggregatorUrl: string): string[] {
  const { vantage, resolver, sourceAddress } = post;
  const state = join(posts.outDir, `agent-${vantage}`);
  const where = ['--vantage', vantage, '--region', vantage, '--resolver', resolver, '--source-address', sourceAddress];
  const ledger = ['--ledger', join(posts.outDir, `ledger-${vantage}.jsonl`)];
  return [
    'agent',
    ...where,
    '--aggregator',
    aggregatorUrl,
    '--token-file',
    posts.tokenFile,
    '--ca',
    posts.caFile,
    '--state',
    state,
    ...ledger,
  ];
}

function drillArguments(posts: Posts, name: string, aggregatorUrl: string): string[] {
  const link = ['--aggregator', aggregatorUrl, '--token-file', posts.tokenFile, '--kubeconfig', posts.kubeconfig];
  return ['drill', 'run', name, '--scenario', posts.scenario, ...link, '--evidence', join(posts.outDir, 'drills')];
}

function runnerEnvironment(posts: Posts): Record<string, string> {
  return {
    NODE_EXTRA_CA_CERTS: posts.caFile,
    AWS_ENDPOINT_URL_ROUTE_53: posts.route53Endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'example',
    AWS_SECRET_ACCESS_KEY: 'example',
  };
}

/** Processes on one machine share a clock, which flatters: each gets one that is seconds off and drifts. */
export function clockError(random: Random): string {
  const offsetMs = Math.round((random() - 0.5) * 8_000);
  const driftPpm = Math.round((random() - 0.5) * 400);
  return `offset=${offsetMs}ms,drift=${driftPpm}`;
}
