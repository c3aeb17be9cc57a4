/**
 * What a `/probe` costs: `agent --modules` beside blackbox_exporter, with the same modules, of the same targets, asked for
 * by the same Prometheus, each target once a second. The exporter has the first core; the targets and Prometheus, which
 * is not counted, have the second. Our agent is bundled, as it is published.
 * `node bench/exporter.ts [--kinds http,https,tcp,dns] [--targets 300] [--seconds 20] [--warm-up 30]` prints the table;
 * without a Prometheus there is none.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Kind, kinds } from './agent/kinds.ts';
import {
  absentOf,
  blackboxModules,
  type Load,
  scraped,
  startBlackboxExporter,
  startPrometheus,
} from './agent/peers.ts';
import { heading, serve, watch } from './agent/watched.ts';
import { inFolder, type Peer, startPeer } from './aggregator/programs.ts';
import { line, megabytes, table } from './aggregator/table.ts';

const { values } = parseArgs({
  options: {
    kinds: { type: 'string', default: 'http,https,tcp,dns' },
    targets: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '20' },
    'warm-up': { type: 'string', default: '30' },
  },
});
const measureMs = 1_000 * Number(values.seconds);
const warmUpMs = 1_000 * Number(values['warm-up']);
const secondCore = 1;

type Exporter = {
  readonly title: string;
  readonly absent: readonly string[];
  start(load: Load): Promise<Peer>;
};

/** From the folder of a build. */
function ours(dist: string): Exporter {
  return {
    title: 'Blackstart',
    absent: [],
    start: (load) =>
      startPeer(
        process.execPath,
        (at) => [join(dist, 'agent.js'), '--modules', blackboxModules(load), '--listen', at],
        '/-/healthy',
      ),
  };
}

async function measure({ title, start }: Exporter, kind: Kind, count: number): Promise<readonly string[]> {
  return inFolder(async (dir) => {
    const fleet = await serve(kind, count);
    const running: Peer[] = [];
    try {
      const load: Load = { kind, port: fleet.port, count, dir, ca: fleet.ca };
      const exporter = await start(load);
      running.push(exporter);
      const prometheus = await startPrometheus(load, exporter.url, secondCore);
      running.push(prometheus);
      const { arrivals, cpuMs, rssBytes, tookMs } = await watch(fleet, exporter.spent, warmUpMs, measureMs);
      const probes = Object.values(arrivals).reduce((sum, instants) => sum + instants.length, 0);
      const { good, bad } = await scraped(prometheus);
      return [
        kind.name,
        title,
        ((1_000 * probes) / tookMs).toFixed(0),
        ((1_000 * cpuMs) / probes).toFixed(0),
        megabytes(rssBytes),
        `${good} / ${bad}`,
      ];
    } finally {
      for (const peer of running.toReversed()) await peer.stop();
      fleet.stop();
    }
  });
}

async function main(): Promise<void> {
  const missing = absentOf('prometheus');
  if (missing.length > 0) {
    console.log('Left out: nobody to ask for probes, for want of prometheus.');
    return;
  }
  await inFolder(async (dir) => {
    const dist = join(dir, 'dist');
    execFileSync(process.execPath, ['build.ts', dist], { stdio: ['ignore', 'ignore', 'inherit'] });
    const exporters: readonly Exporter[] = [
      ours(dist),
      { title: 'blackbox_exporter 0.28.0', absent: absentOf('blackbox_exporter'), start: startBlackboxExporter },
    ];
    console.log(heading(values.seconds, values['warm-up']));
    console.log(table(['probe', 'by', 'probes/s', 'CPU ms /1000 probes', 'RSS', 'good / bad since its start'], []));
    for (const kind of kinds.filter(({ name }) => values.kinds.split(',').includes(name))) {
      for (const exporter of exporters.filter(({ absent }) => absent.length === 0))
        console.log(line(await measure(exporter, kind, Number(values.targets))));
    }
  });
}

await main();
