/** A whole lab in which everything happens that a dashboard can show, and servers that look on from the beginning. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { RunningAggregator } from '../../../aggregator/aggregator.ts';
import type { DrillsAnswer, SchedulesAnswer } from '../../../contract/api.ts';
import { every } from '../../../contract/clock.ts';
import type { DrillReport } from '../../../contract/drill.ts';
import { encode, parseFromAggregator } from '../../../contract/wire.ts';
import type { WorldFile } from '../../../lab/world-file.ts';
import { bad, clock, getJson, result, start } from '../../aggregator/harness.ts';
import type { Running } from '../../fakes/program.ts';
import { operatorEnvironment } from '../../lab/kept-lab.ts';
import { newPlace, type Place, removePlace, startAt } from '../../lab/place.ts';
import { bounded, until } from '../../lab/waiting.ts';
import { atEnd } from '../at-end.ts';
import { announceRecorded } from './recorded-drill.ts';

const upWithinMs = 60_000;
const sampledWithinMs = 120_000;
const drillWithinMs = 150_000;
const missesEveryMs = 500;
/** On 29 February alone. */
const neverInATest = '0 4 29 2 *';
/** A busy machine stops drills early: the lab's small regions degrade, or its Lease is lost. */
const drillsAtMost = 2;

export type EventfulLab = {
  readonly world: WorldFile;
  /** Resolves when a drill has gone its whole way; on a machine that is too busy for one, when a recorded one was announced. */
  drilled(): Promise<void>;
};

/** A refusal of the residency rules is wrong all the time; us-east-1 is taken away once, and would be again on a schedule. */
export async function eventfulLab(): Promise<EventfulLab> {
  const place = newPlace();
  const some = ['--only', 'smoke.us-east-1', '--drill', 'none', '--plant', 'residency.eu-refused'];
  const lab = startAt(place, ['lab', '--keep', ...some, '--seed', '5', '--out', place.outDir]);
  atEnd(async () => {
    lab.kill('SIGINT');
    await bounded(upWithinMs, 'the lab to end', lab.ended);
    removePlace(place);
  });
  const file = join(place.outDir, 'world.json');
  const world = await until(upWithinMs, 'the world', async () =>
    existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as WorldFile) : undefined,
  );
  return {
    world,
    async drilled() {
      // Its own samples are taken first: bursts of both together are too much for a small machine.
      await bounded(sampledWithinMs, 'the lab to have sampled', lab.said(/the world goes on until Ctrl-C/));
      await drilled(place, world);
    },
  };
}

async function drilled(place: Place, world: WorldFile): Promise<void> {
  const given = givenFiles(place, world);
  await announceSchedule(place, world, given);
  const said: string[] = [];
  for (let times = 0; times < drillsAtMost; times += 1) {
    const drill = startDrill(place, world, given);
    const { stdout, stderr } = await bounded(drillWithinMs, 'the drill to end', drill.ended);
    const [report] = (await getJson<DrillsAnswer>(world.aggregator.url, '/api/v1/drills')).drills;
    if (report !== undefined && isWhole(report)) return;
    said.push(stdout, stderr);
  }
  process.stdout.write(`no drill went its whole way here, a recorded one is announced instead:\n${said.join('\n')}\n`);
  await announceRecorded(world);
}

/** With an outage that ended, and a way back. */
function isWhole({ entries, failback }: DrillReport): boolean {
  const outages = entries.flatMap(({ failover }) => failover.passages.flatMap(({ main }) => main ?? []));
  return Object.keys(failback).length > 0 && outages.some(({ ended }) => ended !== null);
}

/** What drills in this world are told on their command line. */
type Given = readonly string[];

/** What it is to show is a drill, on whatever machine: the guard would refuse it where the machine makes regions slow. */
function givenFiles(place: Place, world: WorldFile): Given {
  const because = 'the machine that this lab runs on may be busy';
  const scenario = JSON.parse(readFileSync(world.scenario, 'utf8')) as {
    readonly overrides: object;
    readonly drills: readonly object[];
  };
  const overrides = { ...scenario.overrides, 'guard.error-budget': because, 'guard.fleet-healthy': because };
  const changed = { lease: '10s', burst: { every: '400ms', for: '2m' }, schedule: { cron: neverInATest } };
  const drills = scenario.drills.map((drill) => ({ ...drill, ...changed }));
  const file = join(place.dir, 'scenario.json');
  writeFileSync(file, JSON.stringify({ ...scenario, overrides, drills }));
  const tokenFile = join(place.dir, 'token');
  writeFileSync(tokenFile, world.aggregator.writeToken, { mode: 0o600 });
  const evidence = join(place.dir, 'evidence');
  return ['--scenario', file, '--evidence', evidence, '--aggregator', world.aggregator.url, '--token-file', tokenFile];
}

/** The aggregator keeps what was announced, whether who announced it is up or not. */
async function announceSchedule(place: Place, { aggregator }: WorldFile, given: Given): Promise<void> {
  const serving = startAt(place, ['drill', 'serve', ...given, '--listen', '127.0.0.1:0']);
  try {
    await until(upWithinMs, 'the schedule to be announced', async () => {
      const { scenarios } = await getJson<SchedulesAnswer>(aggregator.url, '/api/v1/schedules');
      return scenarios[0];
    });
  } finally {
    serving.kill('SIGTERM');
    await serving.ended;
  }
}

function startDrill(place: Place, world: WorldFile, given: Given): Running {
  const argv = ['drill', 'run', 'lose-us-east-1', ...given, '--kubeconfig', world.kubeconfig];
  return startAt(place, argv, operatorEnvironment(world));
}

/** An aggregator that reads the lab's, a dead one, and a dead region; and writes to a receiver, to one that refuses, and to a dead one. */
export async function centralAggregator(lab: string, receiver: string): Promise<RunningAggregator> {
  const refuses = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(400).end('not this'));
  });
  await new Promise<void>((resolve) => refuses.listen(0, '127.0.0.1', resolve));
  const refusing = `http://127.0.0.1:${(refuses.address() as AddressInfo).port}/write`;
  const dead = 'http://127.0.0.1:9/';
  const write = {
    version: 1,
    headers: {},
    token: null,
    everyMs: 1_000,
    keep: ['process_start_time_seconds'],
    native: false,
  } as const;
  const read = { honorLabels: true, everyMs: 1_000, timeoutMs: 1_000, stalenessMs: 300_000, token: null };
  const match = ['{__name__=~"blackstart_agent_connected"}'];
  const stateDir = mkdtempSync(join(tmpdir(), 'blackstart-central-'));
  const central = await start({
    stateDir,
    sources: [{ region: 'eu-north-1', url: dead, keep: ['agent_region_requests_total'] }],
    remoteWrite: [
      { ...write, name: 'receiver', url: receiver },
      { ...write, name: 'refusing', url: refusing },
      // So small a queue that it is full soon.
      { ...write, name: 'dead', url: dead, keep: [], maxBytes: 20_000 },
    ],
    federate: [
      { ...read, name: 'lab', region: 'us-east-1', url: `${lab}/federate`, match },
      { ...read, name: 'dead', region: 'eu-west-1', url: dead, match },
    ],
  });
  atEnd(async () => {
    await central.stop();
    refuses.close();
    rmSync(stateDir, { recursive: true, force: true });
  });
  return central;
}

/**
 * An agent that does all that agents should not: names too long for a label, a leak, the same frame twice, gaps, a clock
 * that is stepped, garbage. It stays until `seen` resolves, and is gone afterwards.
 */
export async function rudeAgent({ aggregator }: WorldFile, seen: () => Promise<void>): Promise<void> {
  const at = new URL('/agent', aggregator.url.replace(/^http/, 'ws'));
  const connect = () => new WebSocket(at, { headers: { authorization: `Bearer ${aggregator.writeToken}` } });
  const socket = connect();
  const boot = 'rude-1';
  let pings = 0;
  let check = '';
  let residency = '';
  const welcomed = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const parsed = parseFromAggregator(data.toString());
      if (!parsed.ok) return;
      const { frame } = parsed;
      if (frame.type === 'welcome') {
        const first = (kind: string): string => frame.assignment.checks.find((one) => one.kind === kind)?.id ?? '';
        check = first('http');
        residency = first('residency');
        resolve();
      }
      if (frame.type !== 'ping') return;
      pings += 1;
      // An hour ahead from its third answer on.
      const nowMs = clock.nowMs() + (pings > 2 ? 3_600_000 : 0);
      socket.send(encode({ type: 'pong', t1: frame.t1, t2: nowMs, t3: nowMs }));
    });
    socket.on('open', () =>
      socket.send(encode({ type: 'hello', agent: 'rude', vantage: 'rude', region: 'us-east-1', boot, version: '0' })),
    );
  });
  await bounded(upWithinMs, 'the rude agent to be welcomed', welcomed);
  const good = [1, 2, 3].map((seq) => result(seq, { check, servedBy: `${seq}`.repeat(300) }));
  // A user who was served where a rule forbids it.
  const leak = bad(4, {
    check: residency,
    failedAt: 'answer',
    servedBy: 'pod-1',
    details: { status: 200, leak: true },
  });
  const results = [...good, leak];
  for (let times = 0; times < 2; times += 1) socket.send(encode({ type: 'results', boot, fromSeq: 1, results }));
  let seq = 5;
  // Again and again, so that who looks at rates sees it miss something.
  const stopMissing = every(
    clock,
    missesEveryMs,
    () => {
      socket.send(encode({ type: 'gap', boot, fromSeq: seq, toSeq: seq + 5, reason: 'dropped' }));
      seq += 6;
    },
    () => undefined,
  );
  const garbling = connect();
  garbling.on('open', () => garbling.send('garbage'));
  const closed = new Promise((resolve) => garbling.on('close', resolve));
  await bounded(upWithinMs, 'garbage to be refused', closed);
  await seen();
  stopMissing();
  socket.terminate();
}
