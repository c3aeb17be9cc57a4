/** The fleet that watches a service, and its operator's commands: each a process of its own, by its ordinary command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatHostPort, type HostPort } from '../../../contract/address.ts';
import { kubeconfig } from '../../../lab/kubernetes.ts';
import type { Ran, Running } from '../../fakes/program.ts';
import { bounded } from '../../lab/waiting.ts';
import { runnerToken } from './access.ts';
import type { RealCluster } from './cluster.ts';
import type { OwnPrograms } from './own-programs.ts';
import { freePorts } from './processes.ts';

export type Post = {
  readonly aggregatorUrl: string;
  readonly evidenceDir: string;
  /** `drill ACT …` with scenario, cluster and aggregator. */
  drill(act: string, ...more: readonly string[]): Running;
  /** The same where the file system takes no file that is longer. */
  drillOnSmallDisk(fileKilobytes: number, act: string, ...more: readonly string[]): Running;
  /** Drill commands that need no aggregator. */
  operator(act: string, ...more: readonly string[]): Running;
  /** `drill recover`, to its end. */
  recover(): Promise<Ran>;
  /** SIGKILL to the aggregator; it comes back with what it had on disk. */
  killAggregator(): Promise<void>;
  /** SIGKILL to the aggregator, for good. */
  loseAggregator(): Promise<void>;
  stop(): Promise<void>;
};

export type PostWish = {
  readonly dir: string;
  readonly scenario: object;
  /** What the agents resolve names with. */
  readonly resolver: HostPort;
  readonly vantages: readonly string[];
  /** How far off each agent's clock is, as `BLACKSTART_CLOCK` says it. */
  readonly clocks?: readonly string[];
  /** For the runner; by default made of its account's token, with a context for each region. */
  readonly kubeconfig?: string;
};

const startLimitMs = 30_000;
const listening = /"msg":"listening"/;

export async function startPost(cluster: RealCluster, programs: OwnPrograms, wish: PostWish): Promise<Post> {
  const { dir, vantages } = wish;
  mkdirSync(dir, { recursive: true });
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  const scenario = file('scenario.json', JSON.stringify(wish.scenario));
  const token = file('token', 'a-token-for-tests\n');
  const clusters = ['north', 'south'].map((context) => ({ context, url: cluster.url }));
  const config =
    wish.kubeconfig ??
    file('kubeconfig', kubeconfig(clusters, cluster.credentials.caPem, await runnerToken(cluster.admin)));
  const [port = 0] = await freePorts(1);
  const aggregatorUrl = `http://127.0.0.1:${port}`;
  const evidenceDir = join(dir, 'drills');
  const link = ['--aggregator', aggregatorUrl, '--token-file', token];

  async function startAggregator(): Promise<Running> {
    const where = ['--listen', `127.0.0.1:${port}`, '--state', join(dir, 'aggregator')];
    const program = programs.start(['aggregator', '--scenario', scenario, ...where, '--token-file', token]);
    await bounded(startLimitMs, 'the aggregator to listen', program.said(listening));
    return program;
  }
  let aggregator = await startAggregator();
  const agents = vantages.map((vantage, index) => {
    const error = wish.clocks?.[index];
    const where = ['--vantage', vantage, '--region', vantage, '--resolver', formatHostPort(wish.resolver)];
    const argv = ['agent', ...where, ...link, '--state', join(dir, vantage)];
    return programs.start(argv, error === undefined ? {} : { BLACKSTART_CLOCK: error });
  });
  for (const agent of agents) await bounded(startLimitMs, 'an agent to listen', agent.said(listening));

  const given = ['--scenario', scenario, '--kubeconfig', config, '--evidence', evidenceDir];
  const operator = (act: string, ...more: readonly string[]): Running =>
    programs.start(['drill', act, ...given, ...more]);
  const drill = (act: string, ...more: readonly string[]): Running => operator(act, ...link, ...more);
  async function loseAggregator(): Promise<void> {
    aggregator.kill('SIGKILL');
    await aggregator.ended;
  }
  return {
    aggregatorUrl,
    evidenceDir,
    drill,
    drillOnSmallDisk: (fileKilobytes, act, ...more) =>
      programs.startOnSmallDisk(fileKilobytes, ['drill', act, ...given, ...link, ...more]),
    operator,
    loseAggregator,
    recover: () => bounded(60_000, 'drill recover', drill('recover').ended),
    async killAggregator() {
      await loseAggregator();
      aggregator = await startAggregator();
    },
    async stop() {
      const all = [...agents, aggregator];
      for (const program of all) program.kill('SIGTERM');
      await Promise.all(all.map(({ ended }) => bounded(startLimitMs, 'a daemon to end', ended)));
    },
  };
}
