/** Disturbs a fleet at seeded moments for as long as it is told to, lets it come to rest, and adds up. */
import { type Random, seededRandom } from '../../../contract/random.ts';
import { keptBy } from '../../lab/fleet-under-fire.ts';
import { clock, pause, until } from '../../lab/waiting.ts';
import { type Accounts, audit, countedAt, ledgerAt } from './accounts.ts';
import type { SmallDisk } from './disk.ts';
import type { AgentPost, Post, SoakWorld } from './world.ts';

export type Disturbances = {
  killedAgents: number;
  killedAggregator: number;
  stalled: number;
  cut: number;
  refused: number;
  disksFilled: number;
};

export type Soaked = Accounts & { readonly disturbed: Disturbances };
export type SoakOptions = { readonly forMs: number; readonly seed: number; say(line: string): void };

const restsWithinMs = 60_000;
const restedBytes = 20_000;
const cycles = 4;

export async function soak(world: SoakWorld, { forMs, seed, say }: SoakOptions): Promise<Soaked> {
  const { aggregator, agents, disks } = world;
  const disturbed = { killedAgents: 0, killedAggregator: 0, stalled: 0, cut: 0, refused: 0, disksFilled: 0 };
  await aggregator.start();
  await Promise.all(agents.map((agent) => agent.start()));
  const untilMs = clock.nowMs() + forMs;
  let failed = false;
  const lane = async (index: number, meanMs: number, act: (random: Random) => Promise<void>): Promise<void> => {
    const random = seededRandom(seed * 31 + index);
    for (;;) {
      const waitMs = random() * 2 * meanMs;
      if (failed || clock.nowMs() + waitMs > untilMs) return;
      await pause(waitMs);
      await act(random).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const telling = setSay(
    say,
    () => `${JSON.stringify(disturbed)}, ${Math.round((untilMs - clock.nowMs()) / 1_000)} s left`,
  );
  // Each lane is a kind of trouble, so that they come together as they like.
  const lanes = await Promise.allSettled([
    lane(1, 1_500, (random) => kill(of(agents, random), random, () => (disturbed.killedAgents += 1))),
    lane(2, 6_000, (random) => kill(aggregator, random, () => (disturbed.killedAggregator += 1))),
    lane(3, 1_000, (random) => loseNetwork(of(agents, random), random, disturbed)),
    ...(disks === null
      ? []
      : [lane(4, 8_000, (random) => fill(of(disks, random), random, () => (disturbed.disksFilled += 1)))]),
  ]);
  telling();
  // Not before all have ended: one that goes on would start what nobody ends.
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  say('no more trouble; coming to rest');
  const accounts = await rested(world, say);
  return { ...accounts, disturbed };
}

function of<T>(some: readonly T[], random: Random): T {
  return some[Math.floor(random() * some.length)] as T;
}

async function kill(victim: Post, random: Random, count: () => void): Promise<void> {
  await victim.end('SIGKILL');
  count();
  await pause(random() < 0.4 ? 0 : random() * 2_500);
  await victim.start();
}

async function loseNetwork({ line }: AgentPost, random: Random, disturbed: Disturbances): Promise<void> {
  const kind = random();
  if (kind < 0.3) {
    line.cut();
    disturbed.cut += 1;
  } else if (kind < 0.7) {
    line.stall();
    disturbed.stalled += 1;
  } else {
    await line.refuse();
    disturbed.refused += 1;
  }
  // Longer than the link waits for a word, at times: then it connects anew while the old connection still hangs.
  await pause(random() * 9_000);
  await line.mend();
}

async function fill(disk: SmallDisk, random: Random, count: () => void): Promise<void> {
  disk.fill();
  count();
  await pause(1_000 + random() * 6_000);
  disk.empty();
}

/** Every so often, until what is returned is called. */
function setSay(say: (line: string) => void, line: () => string): () => void {
  let cancel = (): void => undefined;
  const again = (): void => {
    say(line());
    cancel = clock.after(15_000, again);
  };
  cancel = clock.after(15_000, again);
  return () => cancel();
}

/** All agents end cleanly with nothing left in their spools; in turns, as a clean end sends what it can in a second. */
async function rested(world: SoakWorld, say: (line: string) => void): Promise<Accounts> {
  const { aggregator, agents } = world;
  let accounts: Accounts | undefined;
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    await Promise.all(
      agents.map((agent) => until(restsWithinMs, `${agent.name} to have sent what it holds`, () => hasSent(agent))),
    );
    const codes = await Promise.all(agents.map((agent) => agent.end('SIGTERM')));
    const ledger = agents.flatMap((agent) => ledgerAt(agent.name, agent.ledger));
    const counted = await countedAt(aggregator.url() ?? '');
    accounts = audit(ledger, counted, keptBy(world));
    const unclean = codes.flatMap((code, index) => (code === 0 ? [] : [`${agents[index]?.name} ended with ${code}`]));
    accounts = { ...accounts, wrong: [...accounts.wrong, ...unclean] };
    if (accounts.wrong.length === 0) return accounts;
    say(`not at rest yet: ${accounts.wrong.join('; ')}`);
    if (cycle < cycles) await Promise.all(agents.map((agent) => agent.start()));
  }
  return accounts ?? { rows: [], wrong: ['nothing was added up'] };
}

async function hasSent(agent: AgentPost): Promise<true | undefined> {
  const response = await fetch(`${agent.url()}/metrics`).catch(() => undefined);
  const text = (await response?.text()) ?? '';
  const held = Number(/^blackstart_agent_spool_bytes (\S+)$/m.exec(text)?.[1] ?? Number.NaN);
  return held < restedBytes && /^blackstart_agent_connected 1$/m.test(text) ? true : undefined;
}
