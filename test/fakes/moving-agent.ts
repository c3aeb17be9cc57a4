/**
 * One agent, two aggregators and everything that may die, in simulated time: the product's own spool, pump, homing,
 * watermark, slices and settling; only sockets, disks' threads and probes are left out.
 */

import { heldAfter } from '../../aggregator/ingest/hold.ts';
import type { Agent } from '../../aggregator/ingest/roster.ts';
import { type Sequences, sequences } from '../../aggregator/ingest/sequences.ts';
import { correct, type Settling, settle } from '../../aggregator/slices/settle.ts';
import { cameIn, type Slice } from '../../aggregator/slices/slice.ts';
import { type SliceTable, sliceTable } from '../../aggregator/slices/table.ts';
import { silent } from '../../contract/log.ts';
import { parseFromAgent } from '../../contract/wire.ts';
import { type Homing, moved, type Sighting, startingAt, wanted } from '../../probes/placement/homing.ts';
import { openSpool, type Spool } from '../../probes/spool.ts';
import { type Pump, pump } from '../../probes/uplink/pump.ts';
import { httpCheck } from '../aggregator/harness.ts';
import { unnumbered } from './unnumbered.ts';

export const t0 = 1_700_000_000_000;
export const everyMs = 1_000;
const limits = { leaveAfterMs: 3_000, returnAfterMs: 6_000 };
const check = httpCheck('home', 'us-east-1', everyMs);
const vantage = 'us';
const link = {} as NonNullable<Agent['link']>;

export type Accident = {
  readonly what: 'aggregator' | 'network' | 'agent' | 'acknowledgement';
  readonly which: 0 | 1;
  readonly atStep: number;
  readonly forSteps: number;
};

export type Aggregator = {
  readonly name: string;
  /** Results by agent boot and number, how often each was counted. */
  readonly counted: Map<string, number>;
  slices(): readonly Slice[];
  readonly firstSeenMs: number | null;
};

export type MovingWorld = {
  step(): void;
  readonly nowMs: number;
  /** Numbered results, the start of the round of each. */
  readonly made: ReadonlyMap<string, number>;
  readonly aggregators: readonly Aggregator[];
  ownerAt(roundStartMs: number): string;
  readonly moves: number;
  close(): void;
};

const names = ['a', 'b'] as const;

export function movingWorld(stateDir: string, accidents: readonly Accident[]): MovingWorld {
  const posts = names.map((name) => aggregatorPost(name));
  const made = new Map<string, number>();
  let nowMs = t0;
  let step = 0;
  let process = 0;
  let moves = 0;
  let spool: Spool | undefined;
  let homing: Homing = startingAt('a', t0);
  const sightings = new Map<string, Sighting>(names.map((name) => [name, { up: false, sinceMs: t0 }]));
  const hits = (what: Accident['what'], which?: number): boolean =>
    accidents.some(
      (one) =>
        one.what === what &&
        (which === undefined || one.which === which) &&
        one.atStep <= step &&
        step < one.atStep + one.forSteps,
    );

  function startAgent(): Spool {
    process += 1;
    for (const post of posts) post.told = false;
    const opened = openSpool(
      { stateDir, boot: `p${process}`, maxBytes: 10_000_000, aggregators: { ranked: names, nowMs } },
      silent,
    );
    homing = startingAt(opened.tenures?.current ?? 'a', nowMs);
    for (const name of names) sightings.set(name, { up: false, sinceMs: nowMs });
    return opened;
  }
  function stopAgent(): void {
    for (const post of posts) post.disconnect();
    spool?.close();
    spool = undefined;
  }
  /** Last step's round: its result is made in this one. */
  function probe(into: Spool): void {
    const roundStartMs = nowMs - everyMs;
    for (const { boot, seq } of into.append([unnumbered({ roundStartMs, check: check.id })])) {
      made.set(`${boot} ${seq}`, roundStartMs);
    }
  }
  function look(into: Spool): void {
    for (const post of posts) {
      const isUp = post.connected;
      if (sightings.get(post.name)?.up !== isUp) sightings.set(post.name, { up: isUp, sinceMs: nowMs });
    }
    const next = moved(homing, names, sightings, { nowMs, limits });
    if (next.at !== homing.at) {
      moves += 1;
      for (const post of posts) post.told = false;
      into.tenures?.move(next.at, nowMs + 1);
      for (const post of posts) post.hold(into);
    }
    homing = next;
  }
  function owes(from: Spool, name: string): boolean {
    const post = posts.find((one) => one.name === name);
    const hasHeld = (from.tenures?.spansOf(name).length ?? 0) > 0;
    return from.shareOf(name).holds || (hasHeld && post?.told !== true);
  }

  return {
    get nowMs() {
      return nowMs;
    },
    made,
    aggregators: posts,
    ownerAt: (roundStartMs) => spool?.tenures?.ownerAt(roundStartMs) ?? '',
    get moves() {
      return moves;
    },
    step() {
      step += 1;
      nowMs += everyMs;
      if (hits('agent')) stopAgent();
      else if (spool === undefined) spool = startAgent();
      else probe(spool);
      const agent = spool;
      for (const [which, post] of posts.entries()) {
        if (hits('aggregator', which)) post.kill();
        else post.start(nowMs);
        const links = agent && wanted(homing, names, sightings, (name) => owes(agent, name));
        if (agent === undefined || !links?.has(post.name) || hits('network', which)) post.disconnect();
        else if (post.up && !post.connected) post.connect(agent, nowMs);
        if (agent !== undefined) post.exchange(agent, nowMs, hits('acknowledgement', which));
        post.settle(nowMs);
      }
      if (agent !== undefined) look(agent);
    },
    close: () => spool?.close(),
  };
}

/** What survives a kill is the watermark, what was counted, and the agent's row. */
function aggregatorPost(name: string) {
  const slices: SliceTable = sliceTable({ retentionMs: 30 * 86_400_000, maxSamples: 10 });
  const counted = new Map<string, number>();
  const disk = new Map<string, number>();
  let agent: Agent | undefined;
  let known: Sequences | undefined;
  let feeding: Pump | undefined;
  let startedMs = 0;

  const deps = (): Settling => ({
    slices,
    startedMs,
    assigned: () => [{ check, sinceMs: t0 }],
    sequenceOf: (of) => ({ committed: disk.get(of.boot) ?? 0, alignByMs: 0 }),
    onMissing: () => undefined,
  });
  const post = {
    name,
    counted,
    /** Of every move so far. */
    told: false,
    get firstSeenMs() {
      return agent?.firstSeenMs ?? null;
    },
    slices: () => [...(slices.of({ checkId: check.id, vantage, burst: '' })?.tiers[0]?.values() ?? [])],
    get up() {
      return known !== undefined;
    },
    get connected() {
      return feeding !== undefined;
    },
    start(nowMs: number) {
      if (known !== undefined) return;
      startedMs = nowMs;
      const rows = [...disk].map(([boot, through]) => ({
        agent: 'x',
        boot,
        vantage,
        through,
        alignByMs: 0,
        clock: null,
      }));
      known = sequences(rows);
    },
    kill() {
      post.disconnect();
      known = undefined;
      if (agent !== undefined) Object.assign(agent, { marks: [], markMs: null });
    },
    disconnect() {
      feeding = undefined;
      if (agent !== undefined) agent.link = null;
    },
    connect(spool: Spool, nowMs: number) {
      const { boot } = spool.shareOf(name);
      if (agent === undefined || agent.boot !== boot) {
        agent = { ...fresh(nowMs), ...agent, boot, marks: [], markMs: null };
      }
      Object.assign(agent, { link, lastSeenMs: nowMs });
      post.hold(spool, true);
      feeding = pump(spool.shareOf(name), boot, known?.committed('x', boot) ?? 0);
    },
    hold(spool: Spool, always = false) {
      const { tenures } = spool;
      if (agent === undefined || tenures === null || !(always || post.connected)) return;
      const before = agent.held ?? null;
      agent.held = heldAfter(before, { knownFromMs: tenures.knownFromMs, spans: tenures.spansOf(name) });
      correct(agent, before, deps());
      post.told = true;
    },
    /** What is on its way goes over; with `lost` it is on the aggregator's disk and the agent is not told. */
    exchange(spool: Spool, nowMs: number, lost: boolean) {
      if (feeding === undefined || known === undefined || agent === undefined) return;
      for (let frame = feeding.take(); frame !== undefined; frame = feeding.take()) {
        take(frame.text, nowMs);
        if (!lost) feeding.acknowledged(frame.boot, known.committed('x', frame.boot));
      }
      if (lost) return post.disconnect();
      const share = spool.shareOf(name);
      agent.marks = [...agent.marks, { seq: share.lastSeq, throughMs: nowMs }];
      agent.lastSeenMs = nowMs;
    },
    settle(nowMs: number) {
      if (known !== undefined && agent !== undefined) settle([agent], deps(), nowMs);
    },
  };
  function take(text: string, nowMs: number): void {
    const parsed = parseFromAgent(text);
    if (!parsed.ok || (parsed.frame.type !== 'results' && parsed.frame.type !== 'gap')) throw new Error('not a frame');
    const from = { agent: 'x', vantage, boot: agent?.boot ?? '', clock: null, nowMs };
    for (const portion of known?.take(from, parsed.frame, text).portions ?? []) {
      const { sequence, toSeq } = portion;
      sequence.committed = toSeq;
      disk.set(sequence.boot, toSeq);
      if (portion.kind !== 'results') continue;
      const rounds = portion.columns.round.slice(portion.skip);
      for (const [index, round] of rounds.entries()) {
        const id = `${sequence.boot} ${portion.fromSeq + index}`;
        counted.set(id, (counted.get(id) ?? 0) + 1);
        const result = { region: 'us-east-1', outcome: 'good' as const, missing: null, durationMs: 1 };
        slices.add({ checkId: check.id, vantage, burst: '' }, round * everyMs, result);
      }
    }
  }
  return post;
}

function fresh(nowMs: number): Agent {
  return {
    agent: 'x',
    vantage,
    region: 'us-east-1',
    boot: '',
    version: '0',
    firstSeenMs: nowMs,
    lastSeenMs: nowMs,
    link: null,
    clock: null,
    marks: [],
    markMs: null,
    settled: new Map(),
    gaps: [],
    newestMs: 0,
  };
}

/** What the slice says was expected. */
export function expectedIn(slice: Slice): number {
  return Math.max(slice.expected, cameIn(slice));
}
