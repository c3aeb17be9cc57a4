/** What an aggregator's /metrics says of a kind of check: one agent, one check, one good round and one bad one. */
import { startAggregator } from '../../aggregator/aggregator.ts';
import type { Check } from '../../contract/check.ts';
import { sleep } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import type { Observation, PhaseName } from '../../contract/result.ts';
import { atEnd, options, clock as real, result, sendResults, welcomed } from '../aggregator/harness.ts';
import { quickClock } from './quick-clock.ts';

/** The same on every machine: which phases there were is the prober's to say, how long they took is not. */
const phaseMs: { readonly [P in PhaseName]: number } = { resolve: 4, connect: 8, tls: 16, firstByte: 32, transfer: 64 };

function timed(seen: Observation): Observation {
  const phases = Object.fromEntries((Object.keys(seen.phases) as PhaseName[]).map((name) => [name, phaseMs[name]]));
  return { ...seen, phases, durationMs: Object.values(phases).reduce((sum, ms) => sum + ms, 0) };
}

/**
 * The families of the probe, as text. The observations are those of a real prober on a real target; their times are
 * replaced, and whoever calls it sees to it that what else is in labels is the same everywhere.
 */
export async function goldenMetrics(check: Check, rounds: { good: Observation; bad: Observation }): Promise<string> {
  const clock = quickClock(20);
  const assignment = { version: 1, checks: [{ ...check, everyMs: 1_000 }], regions: {}, references: [] };
  const running = await startAggregator(options({ assignment }), { clock, random: seededRandom(1), log: silent });
  atEnd(() => running.stop());
  const agent = await welcomed(running.url);
  const startMs = clock.nowMs();
  const round = Math.floor(startMs / 1_000);
  const about = { check: check.id, startMs, round };
  await sendResults(agent, [
    result(1, { ...about, ...timed(rounds.good) }),
    result(2, { ...about, round: round + 1, ...timed(rounds.bad) }),
  ]);
  for (;;) {
    const text = await (await fetch(new URL('/metrics', running.url))).text();
    if (/^blackstart_probe_results_total\{.*outcome="bad"/m.test(text)) return probeFamilies(text);
    await sleep(real, 20);
  }
}

function probeFamilies(text: string): string {
  const lines = text.split('\n').filter((line) => /^(# (HELP|TYPE) )?blackstart_probe_/.test(line));
  return `${lines.join('\n')}\n`;
}
