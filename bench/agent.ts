/**
 * What probes on new connections cost: so many targets every second on one core, side by side with cloudprober and with
 * blackbox_exporter and its Prometheus. Whoever probes has the first core, the targets the second; when each was asked is
 * taken from the kernel, or from them. Our agent is bundled, as it is published.
 * `node bench/agent.ts [--kinds http,https,tcp,dns] [--targets 1000] [--seconds 20] [--warm-up 30]
 * [--peers cloudprober,blackbox] [--workers 1,2,4] [--no-highest]` prints the tables; peers that are not installed are left out, and said.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sleep, systemClock } from '../contract/clock.ts';
import { canCapture } from './agent/capture.ts';
import { type Kind, kinds } from './agent/kinds.ts';
import { assign, bundle, startOwn } from './agent/own.ts';
import { type ProbingPeer, peers } from './agent/peers.ts';
import { gapDeviations, quantilesOf, shownQuantiles } from './agent/statistics.ts';
import { heading, type StampedWindow, serve, watch, watchStamped } from './agent/watched.ts';
import { inFolder } from './aggregator/programs.ts';
import { line, table } from './aggregator/table.ts';

const clock = systemClock();
const { values } = parseArgs({
  allowNegative: true,
  options: {
    kinds: { type: 'string', default: 'http,https,tcp,dns' },
    targets: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    // Until our engine has compiled what it runs: that takes a sixth of what is counted in the first 20 seconds.
    'warm-up': { type: 'string', default: '30' },
    peers: { type: 'string', default: 'cloudprober,blackbox' },
    // Numbers of threads to compare; none: not compared.
    workers: { type: 'string', default: '1,2,4' },
    highest: { type: 'boolean', default: true },
  },
});
const measureMs = 1_000 * Number(values.seconds);
const warmUpMs = 1_000 * Number(values['warm-up']);

function row(title: string, kind: Kind, window: StampedWindow, outcomes: string): readonly string[] {
  const probes = Object.values(window.arrivals).reduce((sum, instants) => sum + instants.length, 0);
  return [
    kind.name,
    title,
    ((1_000 * probes) / window.tookMs).toFixed(0),
    ((1_000 * window.cpuMs) / probes).toFixed(0),
    (window.rssBytes / 1_048_576).toFixed(0),
    shownQuantiles(quantilesOf(gapDeviations(window.stamped))),
    outcomes,
  ];
}

async function measureOwn(
  agentFile: string,
  kind: Kind,
  count: number,
  title = 'Blackstart',
): Promise<readonly string[]> {
  return inFolder(async (stateDir) => {
    const fleet = await serve(kind, count);
    try {
      assign(stateDir, { kind, port: fleet.port, ca: fleet.ca, count });
      const own = await startOwn(agentFile, stateDir, fleet.ca === '' ? null : fleet.ca);
      const window = await watchStamped(fleet, own.spent, warmUpMs, measureMs);
      const results = await own.stop(clock.nowMs() - window.tookMs, clock.nowMs());
      const of = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
      return row(title, kind, window, `${of('good')} / ${of('bad')} / ${of('missing')}`);
    } finally {
      fleet.stop();
    }
  });
}

async function measurePeer(peer: ProbingPeer, kind: Kind, count: number): Promise<readonly string[]> {
  return inFolder(async (dir) => {
    const fleet = await serve(kind, count);
    try {
      const running = await peer.start({ kind, port: fleet.port, count, dir, ca: fleet.ca });
      try {
        const window = await watchStamped(fleet, running.spent, warmUpMs, measureMs);
        const { good, bad } = await running.outcomes();
        return row(peer.title, kind, window, `${good} / ${bad} since its start`);
      } finally {
        await running.stop();
      }
    } finally {
      fleet.stop();
    }
  });
}

const onTimeMs = 20;
const highestMs = 5_000;
const stepTargets = 100;

/** Whether so many targets every second are all probed, and all but one in a thousand begin on time. */
async function sustains(agentFile: string, kind: Kind, count: number): Promise<boolean> {
  return inFolder(async (stateDir) => {
    const fleet = await serve(kind, count);
    try {
      assign(stateDir, { kind, port: fleet.port, ca: fleet.ca, count });
      const own = await startOwn(agentFile, stateDir, fleet.ca === '' ? null : fleet.ca);
      const { tookMs } = await watch(fleet, own.spent, warmUpMs, highestMs);
      const results = await own.stop(clock.nowMs() - tookMs, clock.nowMs() - 1_000);
      const late = results.filter(({ outcome, quality }) => outcome !== 'good' || quality.lateMs > onTimeMs);
      return results.length > 0 && late.length <= results.length / 1_000;
    } finally {
      fleet.stop();
    }
  });
}

/** To a tenth or to a hundred, by halving between what is sustained and what is not. */
async function highestRate(agentFile: string, kind: Kind): Promise<number> {
  let [low, high] = [0, 1_000];
  while (high <= 32_000 && (await sustains(agentFile, kind, high))) [low, high] = [high, 2 * high];
  while (high - low > Math.max(stepTargets, high / 10)) {
    const middle = Math.round((low + high) / (2 * stepTargets)) * stepTargets;
    if (await sustains(agentFile, kind, middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * The CPU of each thread for the same targets, in so many threads: what limits the rate where there are cores for all is
 * the busiest thread, which with enough of them is the one that numbers and spools.
 */
async function inThreads(agentFile: string, kind: Kind, count: number, threads: number): Promise<readonly string[]> {
  return inFolder(async (stateDir) => {
    const fleet = await serve(kind, count);
    try {
      assign(stateDir, { kind, port: fleet.port, ca: fleet.ca, count });
      const own = await startOwn(agentFile, stateDir, fleet.ca === '' ? null : fleet.ca, threads);
      await sleep(clock, warmUpMs);
      fleet.forget();
      const [before, fromMs] = [own.spentByThread(), clock.nowMs()];
      await sleep(clock, measureMs);
      const [after, tookMs] = [own.spentByThread(), clock.nowMs() - fromMs];
      const arrivals = await fleet.tell();
      await own.stop(0, 0);
      const probes = Object.values(arrivals).reduce((sum, instants) => sum + instants.length, 0);
      const perProbe = [...after].map(([thread, spentMs]) => (1_000 * (spentMs - (before.get(thread) ?? 0))) / probes);
      const [busiest = Number.NaN] = perProbe.toSorted((a, b) => b - a);
      return [
        kind.name,
        String(threads),
        ((1_000 * probes) / tookMs).toFixed(0),
        perProbe.reduce((sum, each) => sum + each, 0).toFixed(0),
        busiest.toFixed(0),
        (1_000_000 / busiest).toFixed(0),
      ];
    } finally {
      fleet.stop();
    }
  });
}

async function idle(agentFile: string): Promise<string> {
  return inFolder(async (stateDir) => {
    const own = await startOwn(agentFile, stateDir, null);
    await sleep(clock, 1_000);
    const before = own.spent();
    await sleep(clock, 5_000);
    const { cpuMs, rssBytes } = own.spent();
    await own.stop(0, 0);
    return `starts in ${own.startedAfterMs.toFixed(0)} ms, idles at ${(rssBytes / 1_048_576).toFixed(0)} MB and ${((cpuMs - before.cpuMs) / 5).toFixed(0)} CPU ms a second`;
  });
}

async function main(): Promise<void> {
  const wanted = kinds.filter(({ name }) => values.kinds.split(',').includes(name));
  const asked = peers.filter(({ name }) => values.peers.split(',').includes(name));
  const count = Number(values.targets);
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-bench-'));
  try {
    const agentFile = await bundle(dir);
    console.log(heading(values.seconds, values['warm-up']));
    console.log(
      `Gaps ${canCapture ? "by the kernel's stamps" : 'as the targets noted them: no tcpdump, or no root'}.\n`,
    );
    console.log(`The bundled agent (${(statSync(agentFile).size / 1_024).toFixed(0)} KB) ${await idle(agentFile)}.\n`);
    for (const { title, absent } of asked.filter((peer) => peer.absent.length > 0))
      console.log(`Left out: ${title}, for want of ${absent.join(' and ')}.\n`);
    const head = ['probe', 'by', 'probes/s', 'CPU ms /1000 probes', 'RSS MB', 'gap deviation p50 / p99 / max ms'];
    console.log(table([...head, 'good / bad / missing'], []));
    // Each as soon as it is known: all together take minutes.
    for (const kind of wanted) {
      console.log(line(await measureOwn(agentFile, kind, count)));
      if (kind.trusting !== undefined) {
        const trusting = { ...kind, check: kind.trusting };
        console.log(line(await measureOwn(agentFile, trusting, count, 'Blackstart, not verifying')));
      }
      for (const peer of asked.filter(
        ({ absent, kinds = [kind.name] }) => absent.length === 0 && kinds.includes(kind.name),
      ))
        console.log(line(await measurePeer(peer, kind, count)));
    }
    const numbers = values.workers.split(',').filter((number) => number !== '' && number !== 'none');
    if (numbers.length > 0) {
      const rows: (readonly string[])[] = [];
      for (const kind of wanted)
        for (const number of numbers) rows.push(await inThreads(agentFile, kind, count, Number(number)));
      const all = ['probe', '--workers', 'probes/s', 'CPU ms /1000 probes', 'of the busiest thread'];
      console.log(`\n${table([...all, 'so a second with a core for each'], rows)}`);
    }
    if (values.highest) {
      const rates: (readonly string[])[] = [];
      for (const kind of wanted) rates.push([kind.name, String(await highestRate(agentFile, kind))]);
      console.log(`\n${table(['probe', 'most targets every second, all on time'], rates)}`);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

await main();
