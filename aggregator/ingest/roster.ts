/** Every agent that was ever seen, and which connection speaks for it. */
import type { MissingReason } from '../../contract/result.ts';
import type { Hello } from '../../contract/wire.ts';
import { closeCodes } from '../../contract/wire.ts';
import type { ClockOffset } from '../clock-offset.ts';
import type { AgentRow } from '../store/rows.ts';
import { type Held, heldAfter, isElsewhere } from './hold.ts';
import type { Link } from './link.ts';

export type Agent = {
  readonly agent: string;
  vantage: string;
  region: string;
  boot: string;
  version: string;
  /** From when on results are expected of it. */
  firstSeenMs: number;
  /** When anything came from it. */
  lastSeenMs: number;
  link: Link | null;
  clock: ClockOffset | null;
  /** Nothing older than this will follow, on the agent's clock: once everything to `seq` is counted. */
  marks: readonly { readonly seq: number; readonly throughMs: number }[];
  markMs: number | null;
  /** Check interval to the end of the last slice whose expected results are declared. */
  readonly settled: Map<number, number>;
  /** Numbers that it dropped, and between which times of its results they were. */
  gaps: readonly GapSpan[];
  /** On the aggregator's clock; of the newest result counted. */
  newestMs: number;
  /** Which of its rounds are ours; absent or `null`: all. */
  held?: Held;
  /** A person took it out: nothing is expected of it until it connects again. */
  isRemoved?: boolean;
};
/** `toMs` is `null` until a result came after it. */
export type GapSpan = { readonly fromMs: number; readonly toMs: number | null; readonly reason: MissingReason };

/** Names that are remembered; beyond it a new one takes the place of one that is silent for a day, or finds none. */
const maxAgents = 4_096;
const longSilentMs = 86_400_000;

function isLongSilent(agent: Agent, nowMs: number): boolean {
  return agent.link === null && nowMs - agent.lastSeenMs > longSilentMs;
}

/**
 * Those of which nothing is expected any more: taken out by a person, or silent for a day while another agent of their
 * vantage was heard of since, which took their place. Silence alone retires nobody: what is expected of it is missing, and
 * its vantage goes on being one of those that should vouch for verdicts.
 */
export function retiredOf(agents: Iterable<Agent>, nowMs: number): ReadonlySet<Agent> {
  const all = [...agents];
  const heardMs = (agent: Agent): number => (agent.link === null ? agent.lastSeenMs : Number.POSITIVE_INFINITY);
  const newestMs = new Map<string, number>();
  for (const agent of all) {
    if (agent.isRemoved !== true)
      newestMs.set(agent.vantage, Math.max(newestMs.get(agent.vantage) ?? 0, heardMs(agent)));
  }
  const isReplaced = (agent: Agent): boolean => (newestMs.get(agent.vantage) ?? 0) > agent.lastSeenMs;
  return new Set(all.filter((agent) => agent.isRemoved === true || (isLongSilent(agent, nowMs) && isReplaced(agent))));
}

export type Roster = {
  readonly agents: ReadonlyMap<string, Agent>;
  /**
   * Whether this connection speaks for the agent from now on. The same boot again: the newer connection wins. Another
   * boot: only when the one that is connected does not answer any more.
   */
  claim(link: Link, hello: Hello, nowMs: number): Promise<'taken' | 'refused' | 'full'>;
  leave(link: Link): void;
  /** Takes an agent out that will not come back; one that is connected has to be stopped first. */
  remove(name: string): 'removed' | 'connected' | 'unknown';
  rows(): readonly AgentRow[];
};

export function roster(stored: readonly AgentRow[], answersWithinMs: number): Roster {
  const newest = stored.toSorted((a, b) => b.lastSeenMs - a.lastSeenMs).slice(0, maxAgents);
  const agents = new Map<string, Agent>(newest.map((row) => [row.agent, restored(row)]));
  const claims = new Map<string, Promise<unknown>>();

  function hasRoom(nowMs: number): boolean {
    if (agents.size < maxAgents) return true;
    const gone = retiredOf(agents.values(), nowMs);
    const silent = [...agents.values()].filter((agent) => isLongSilent(agent, nowMs));
    const oldest = silent.toSorted(
      (a, b) => Number(gone.has(b)) - Number(gone.has(a)) || a.lastSeenMs - b.lastSeenMs,
    )[0];
    return oldest !== undefined && agents.delete(oldest.agent);
  }

  async function decide(link: Link, hello: Hello, nowMs: number): Promise<'taken' | 'refused' | 'full'> {
    const known = agents.get(hello.agent);
    if (known === undefined && !hasRoom(nowMs)) return 'full';
    const current = known?.link ?? null;
    if (current !== null && current !== link) {
      const sameBoot = known?.boot === hello.boot;
      if (!sameBoot && (await current.answers(answersWithinMs))) return 'refused';
      current.close(closeCodes.duplicate, sameBoot ? 'a newer connection took over' : 'no answer to pings');
    }
    if (!link.open) return 'refused';
    const agent = known ?? restored({ ...hello, firstSeenMs: nowMs, lastSeenMs: nowMs, settled: {} });
    if (agent.boot !== hello.boot || known === undefined) {
      agent.clock = null;
      agent.marks = [];
      agent.markMs = null;
      // What the boot before said of other aggregators is not this one's word; if it has some it says so at once.
      if (isElsewhere(agent))
        agent.held = heldAfter(agent.held ?? null, { knownFromMs: nowMs, spans: [[nowMs, null]] });
    }
    if (retiredOf([...agents.values(), agent], nowMs).has(agent)) {
      agent.firstSeenMs = nowMs;
      agent.settled.clear();
    }
    agent.isRemoved = false;
    agent.vantage = hello.vantage;
    agent.region = hello.region;
    agent.boot = hello.boot;
    agent.version = hello.version;
    agent.lastSeenMs = nowMs;
    agent.link = link;
    agents.set(hello.agent, agent);
    return 'taken';
  }

  return {
    agents,
    claim(link, hello, nowMs) {
      const before = claims.get(hello.agent) ?? Promise.resolve();
      const claim = before.then(() => decide(link, hello, nowMs));
      const settled = claim
        .catch(() => undefined)
        .finally(() => {
          if (claims.get(hello.agent) === settled) claims.delete(hello.agent);
        });
      claims.set(hello.agent, settled);
      return claim;
    },
    leave(link) {
      for (const agent of agents.values()) if (agent.link === link) agent.link = null;
    },
    remove(name) {
      const agent = agents.get(name);
      if (agent === undefined || agent.isRemoved === true) return 'unknown';
      if (agent.link !== null) return 'connected';
      agent.isRemoved = true;
      return 'removed';
    },
    rows: () =>
      [...agents.values()].map((agent) => {
        const { agent: name, vantage, region, boot, version, firstSeenMs, lastSeenMs } = agent;
        const settled = Object.fromEntries(agent.settled);
        const { isRemoved = false } = agent;
        return {
          isRemoved,
          agent: name,
          vantage,
          region,
          boot,
          version,
          firstSeenMs,
          lastSeenMs,
          settled,
          held: agent.held ?? null,
        };
      }),
  };
}

function restored(row: AgentRow): Agent {
  const { agent, vantage, region, boot, version, firstSeenMs, lastSeenMs } = row;
  return {
    agent,
    vantage,
    region,
    boot,
    version,
    firstSeenMs,
    lastSeenMs,
    link: null,
    clock: null,
    marks: [],
    markMs: null,
    settled: new Map(Object.entries(row.settled).map(([everyMs, atMs]) => [Number(everyMs), atMs])),
    gaps: [],
    newestMs: 0,
    held: row.held ?? null,
    isRemoved: row.isRemoved ?? false,
  };
}
