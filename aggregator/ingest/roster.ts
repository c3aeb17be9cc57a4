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
};
/** `toMs` is `null` until a result came after it. */
export type GapSpan = { readonly fromMs: number; readonly toMs: number | null; readonly reason: MissingReason };

/** Names that are remembered; beyond it a new one takes the place of one that is retired, or finds none. */
const maxAgents = 4_096;
/** An agent silent for so long is not expected any more; it stays in the fleet as not connected. */
const retiredAfterMs = 86_400_000;

export function isRetired(agent: Agent, nowMs: number): boolean {
  return agent.link === null && nowMs - agent.lastSeenMs > retiredAfterMs;
}

export type Roster = {
  readonly agents: ReadonlyMap<string, Agent>;
  /**
   * Whether this connection speaks for the agent from now on. The same boot again: the newer connection wins. Another
   * boot: only when the one that is connected does not answer any more.
   */
  claim(link: Link, hello: Hello, nowMs: number): Promise<'taken' | 'refused' | 'full'>;
  leave(link: Link): void;
  rows(): readonly AgentRow[];
};

export function roster(stored: readonly AgentRow[], answersWithinMs: number): Roster {
  const newest = stored.toSorted((a, b) => b.lastSeenMs - a.lastSeenMs).slice(0, maxAgents);
  const agents = new Map<string, Agent>(newest.map((row) => [row.agent, restored(row)]));
  const claims = new Map<string, Promise<unknown>>();

  function hasRoom(nowMs: number): boolean {
    if (agents.size < maxAgents) return true;
    const retired = [...agents.values()].find((agent) => isRetired(agent, nowMs));
    return retired !== undefined && agents.delete(retired.agent);
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
    if (isRetired(agent, nowMs)) {
      agent.firstSeenMs = nowMs;
      agent.settled.clear();
    }
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
    rows: () =>
      [...agents.values()].map((agent) => {
        const { agent: name, vantage, region, boot, version, firstSeenMs, lastSeenMs } = agent;
        const settled = Object.fromEntries(agent.settled);
        return {
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
  };
}
