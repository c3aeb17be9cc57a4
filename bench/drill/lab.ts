/** One drill in a lab of its own, on real sockets: world, aggregator, agents and restorer in this process, the runner in another. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAggregator } from '../../aggregator/aggregator.ts';
import { aggregatorClient } from '../../chaos/aggregator-client.ts';
import { kubernetes } from '../../chaos/cloud/kubernetes.ts';
import { runRestorer } from '../../chaos/restorer.ts';
import { parseHostPort } from '../../contract/address.ts';
import { type Clock, sleep, systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import type { RunningContainer } from '../../lab/kubernetes.ts';
import type { StartContainer } from '../../lab/site.ts';
import { type Lab, startLab } from '../../lab/world.ts';
import type { WorldFile } from '../../lab/world-file.ts';
import { startAgent } from '../../probes/agent.ts';
import { assignmentOf } from '../../scenarios/compile.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Order, Ran } from './runner.ts';
import type { LabSettings } from './settings.ts';
import { benchWorld } from './world.ts';

export type LabDrill = {
  readonly settings: LabSettings;
  readonly outcome: Ran;
  readonly world: WorldFile;
  /** How long it all took, and how much of that in the drill alone. */
  readonly tookMs: number;
};

const token = 'bench';

/** `read` is given the drill while its files are still there. Evidence is kept, for the drills that come after. */
export async function labDrill<T>(
  settings: LabSettings,
  evidenceDir: string,
  read: (drill: LabDrill) => Promise<T>,
): Promise<T> {
  const clock = systemClock();
  const startedMs = clock.nowMs();
  const outDir = mkdtempSync(join(tmpdir(), 'blackstart-bench-'));
  const open: (() => Promise<void>)[] = [];
  try {
    const { world, profile } = benchWorld(settings);
    const startContainer = restorers(outDir, clock);
    const lab = await startLab(
      { world, profile, seed: settings.seed, outDir, plant: null, clusterToken: token, startContainer },
      { clock, log: silent },
    );
    open.push(() => lab.stop());
    const scenario = await loadScenario(lab.posts.scenario);
    const url = await fleet(lab, scenario, settings, open);
    const outcome = await drill(lab, { settings, evidenceDir, url });
    const file: WorldFile = {
      world: 'bench',
      profile: profile.name,
      factor: profile.factor,
      seed: settings.seed,
      aggregator: { url: url.href, writeToken: token, readToken: null },
      ...lab.file,
      evidence: outDir,
    };
    return await read({ settings, outcome, world: file, tookMs: clock.nowMs() - startedMs });
  } finally {
    for (const close of open.toReversed()) await close();
    rmSync(outDir, { recursive: true, force: true });
  }
}

/** An aggregator, and an agent in each region on a clock of its own. Resolves with the aggregator's URL once all are there. */
async function fleet(lab: Lab, scenario: Scenario, settings: LabSettings, open: (() => Promise<void>)[]): Promise<URL> {
  const clock = systemClock();
  const random = seededRandom(settings.seed + 1);
  const outDir = join(lab.file.scenario, '..');
  const ca = readFileSync(lab.posts.caFile, 'utf8');
  const aggregator = await startAggregator(
    {
      listen: { host: '127.0.0.1', port: 0 },
      stateDir: join(outDir, 'aggregator'),
      writeToken: token,
      readToken: null,
      scenario: scenario.service,
      assignment: assignmentOf(scenario, 1),
      objectives: [],
      sources: [],
      prefix: scenario.metricsPrefix,
      regions: Object.keys(scenario.regions),
      ca,
    },
    { clock, random, log: silent },
  );
  open.push(() => aggregator.stop());
  const url = new URL(aggregator.url);
  for (const [index, { vantage, resolver, sourceAddress }] of lab.posts.vantages.entries()) {
    const agent = await startAgent(
      {
        agent: vantage,
        vantage,
        region: vantage,
        version: 'bench',
        aggregator: url,
        token,
        ca,
        resolver: parseHostPort(resolver) ?? null,
        sourceAddress,
        stateDir: join(outDir, `agent-${vantage}`),
        listen: null,
        ledgerFile: null,
      },
      { clock: systemClock(settings.clocks[index + 1]), random, log: silent },
    );
    agent.ended.catch(() => undefined);
    open.push(() => agent.stop());
  }
  const client = aggregatorClient({ url, token }, clock);
  for (;;) {
    const { agents } = await client.fleet(AbortSignal.timeout(60_000));
    if (agents.filter((agent) => agent.connected && agent.clock !== null).length === lab.posts.vantages.length) break;
    await sleep(clock, 50);
  }
  return url;
}

type Drilled = {
  readonly settings: LabSettings;
  readonly evidenceDir: string;
  readonly url: URL;
};

/** Rejects when its process ends without a word. */
async function drill(lab: Lab, { settings, evidenceDir, url }: Drilled): Promise<Ran> {
  const order: Order = {
    scenarioFile: lab.posts.scenario,
    kubeconfig: lab.posts.kubeconfig,
    route53Endpoint: lab.posts.route53Endpoint,
    aggregator: { url: url.href, token },
    evidenceDir,
    clock: settings.clocks[0],
    seed: settings.seed + 2,
  };
  const child = fork(new URL('runner.ts', import.meta.url));
  const told = once(child, 'message') as Promise<[Ran]>;
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the runner ended with ${code}`)));
  ended.catch(() => undefined);
  child.send(order);
  const [ran] = await Promise.race([told, ended]);
  return ran;
}

/** The restorers' pods: their program, in this process, with the kubeconfig that their pod is given. */
function restorers(outDir: string, clock: Clock): StartContainer {
  return (region, { pod, args, kubeconfig }): RunningContainer => {
    const dir = join(outDir, 'pods', region, pod);
    mkdirSync(dir, { recursive: true });
    const file = join(dir, 'kubeconfig');
    writeFileSync(file, kubeconfig, { mode: 0o600 });
    const after = (option: string): string | null => args[args.indexOf(option) + 1] ?? null;
    const stopping = new AbortController();
    const run = async (): Promise<number> => {
      const cluster = await kubernetes(file, clock).open({ context: null, namespace: after('--namespace') });
      try {
        const deps = { cluster, clock, instance: pod, signal: stopping.signal, message: () => undefined };
        await runRestorer(after('--drill') ?? '', deps);
        return 0;
      } finally {
        cluster.close();
      }
    };
    const ended = run().catch(() => 1);
    return {
      ended,
      async stop() {
        stopping.abort(new Error('the pod is ended'));
        await ended;
      },
    };
  };
}
