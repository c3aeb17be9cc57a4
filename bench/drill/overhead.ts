/** What a drill of nine regions costs its runner between two bursts' results: it asks itself what has been shown by now. */
import process from 'node:process';
import type { DrillFacts } from '../../chaos/facts.ts';
import { reportOf } from '../../chaos/judge.ts';
import { progressOf } from '../../chaos/progress.ts';
import { restAfterMs } from '../../chaos/runner/run.ts';
import { formatRatio } from '../../contract/units.ts';
import { simulatedDrill } from '../../test/fakes/simulated-drill.ts';

const regions = 9;
const rounds = 20;
/** The runner looks for progress once in two bursts, from 250 ms to a second, and tells of the drill once a second. */
const announceEveryMs = 1_000;
const wantedShare = 0.05;

export function overhead(): void {
  const facts = [1, 2, 3, 4, 5].map((seed) => nineRegions(simulatedDrill(seed, 'quick').facts));
  console.log(`\na drill of ${regions} regions, at the end of its record\n`);
  console.log('| burst | results on record | CPU of a look | CPU of a report | share of a core | wanted |');
  console.log('|---|---:|---:|---:|---:|---:|');
  for (const one of facts) {
    const lookMs = cpuMs(() => progressOf(one));
    const reportMs = cpuMs(() => reportOf(one));
    const lookEveryMs = Math.max(restAfterMs(lookMs), Math.min(1_000, Math.max(250, 2 * one.burstEveryMs)));
    const share =
      lookMs / (lookMs + lookEveryMs) + reportMs / (reportMs + Math.max(restAfterMs(reportMs), announceEveryMs));
    const cells = [`${one.burstEveryMs} ms`, String(one.results.length), shown(lookMs), shown(reportMs)];
    console.log(`| ${[...cells, formatRatio(share), `< ${formatRatio(wantedShare)}`].join(' | ')} |`);
  }
}

/** The results of a simulated drill's two vantages, as if nine had made them. */
function nineRegions(facts: DrillFacts): DrillFacts {
  const [first] = facts.results;
  const own = facts.results.filter(({ vantage }) => vantage === first?.vantage);
  const results = Array.from({ length: regions }, (_, index) =>
    own.map((result) => ({ ...result, vantage: `vantage-${index}`, agent: `vantage-${index}` })),
  ).flat();
  return { ...facts, results };
}

/** Of one call, the mean of some, after two that are not counted. */
function cpuMs(run: () => unknown): number {
  run();
  run();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / rounds;
}

function shown(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
