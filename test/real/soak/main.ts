/**
 * `npm run soak -- --for 10m --seed 1`: real agents and an aggregator on loopback, killed, cut off and left without disk at
 * seeded moments; then what they counted against what was measured. Exits 1 when anything does not add up.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDurationMs } from '../../../contract/units.ts';
import type { AgentAccount } from './accounts.ts';
import { soak } from './soak.ts';
import { soakWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    for: { type: 'string', default: '10m' },
    seed: { type: 'string', default: '1' },
    agents: { type: 'string', default: '4' },
  },
});
const forMs = parseDurationMs(values.for);
const [seed, agents] = [Number(values.seed), Number(values.agents)];
if (forMs === undefined || !Number.isInteger(seed) || !(agents >= 2 && agents <= 20)) {
  process.stderr.write('soak: want --for DURATION, --seed NUMBER and --agents from 2 to 20\n');
  process.exit(2);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const dir = mkdtempSync(join(tmpdir(), 'blackstart-soak-'));
const world = await soakWorld(dir, agents);
say(`soaking ${agents} agents and an aggregator for ${values.for}, seed ${seed}`);
if (world.disks === null) say('no file system can be mounted here: full disks are left out');
let wrong: readonly string[] = ['it did not come to its end'];
try {
  const soaked = await soak(world, { forMs, seed, say });
  wrong = soaked.wrong;
  say(table(soaked.rows));
  say(
    Object.entries(soaked.disturbed)
      .map(([what, times]) => `${what} ${times}`)
      .join(' · '),
  );
} finally {
  await world.close();
  if (wrong.length === 0) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}
say(wrong.length === 0 ? 'every number is counted once or named in a gap, and nothing else is' : wrong.join('\n'));
if (wrong.length > 0) say(`what it left is in ${dir}`);
// At once: seen a single time, the engine took apart what was left without coming to an end, and used a core for it.
process.exit(wrong.length === 0 ? 0 : 1);

function table(rows: readonly AgentAccount[]): string {
  const head = ['agent', 'boots', 'numbered', 'counted', 'named'];
  const lines = rows.map((row) => [row.agent, row.boots, row.numbered, row.counted, row.named].map(String));
  const widths = head.map((name, index) => Math.max(name.length, ...lines.map((line) => line[index]?.length ?? 0)));
  return [head, ...lines]
    .map((line) => line.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('  '))
    .join('\n');
}
