/** The agent: checks in, results out, through a spool, whatever happens to the aggregator. */
import { randomBytes } from 'node:crypto';
import type { HostPort } from '../contract/address.ts';
import type { Clock } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Random } from '../contract/random.ts';
import type { Secret } from '../contract/secret.ts';
import type { Tracing } from '../contract/tracing.ts';
import type { Exporter } from './blackbox/exporter.ts';
import { type ModuleOptions, startExporter } from './blackbox/start.ts';
import { type Collector, collector } from './collector.ts';
import { type Environment, environment } from './environment.ts';
import { type Hands, ownHands } from './hands.ts';
import { completeLedger, type Ledger, openLedger } from './ledger.ts';
import { type AgentState, type Listener, listenAt } from './listener.ts';
import { type Machine, ownProcessorMs, watchMachine } from './machine.ts';
import { defaultLimits, type HomingLimits } from './placement/homing.ts';
import { ranked } from './placement/ranking.ts';
import type { Reloads } from './reloaded.ts';
import type { SecretOptions } from './secrets.ts';
import { defaultSpoolBytes, openSpool, type Spool } from './spool.ts';
import { threadedHands } from './threads/pool.ts';
import type { CaText } from './tls/settings.ts';
import { type AttemptTracing, attemptTracing } from './tracing.ts';
import type { ClockOffset } from './uplink/clock-estimate.ts';
import type { ClientPem } from './uplink.ts';
import { defaultLostAfterMs, startUplinks, type Uplinks } from './uplinks.ts';
import { type Wheel, wheelOn } from './wheel.ts';
import { startWork, type Work } from './work.ts';

export type AgentOptions = {
  readonly agent: string;
  readonly vantage: string;
  readonly region: string;
  readonly version: string;
  /** `null`: it goes on with the assignment that is on disk, and sends nothing. */
  readonly aggregator: URL | null;
  /** More of them: the agent is at the one that hashing gives it, and moves on when that is gone. */
  readonly otherAggregators?: readonly URL[];
  readonly homing?: HomingLimits;
  readonly token: Secret | null;
  /** Instead of a token: PEM texts, asked for with every connection. */
  readonly certificate?: () => ClientPem;
  /** Trusted in addition to the system's. */
  readonly ca: CaText | null;
  /** The HTTP proxy that leads to an aggregator; `null` where none does. Targets are asked straight. */
  readonly proxyFor?: (aggregator: URL) => URL | null;
  /** `null`: the first of /etc/resolv.conf. */
  readonly resolver: HostPort | null;
  readonly sourceAddress: string | null;
  /** Where there are any, nothing else is probed: `LimitsOptions.allowed`. */
  readonly allowTargets?: readonly string[];
  /** Where secrets of checks are; absent: checks can have none. */
  readonly secrets?: SecretOptions;
  readonly stateDir: string;
  /** What waits for an aggregator takes at most so much; absent: `defaultSpoolBytes`. */
  readonly spoolBytes?: number;
  readonly listen: HostPort | null;
  /** A blackbox.yml whose modules the listener probes by; absent: it does not. */
  readonly modules?: ModuleOptions | undefined;
  /** Files that are read again while it runs, for its metrics. */
  readonly reloads?: Pick<Reloads, 'states' | 'add'>;
  /** Every numbered result is appended here as JSON, on disk before it is sent; `null` for none. */
  readonly ledgerFile: string | null;
  /** In how many threads it probes; absent or 1: in its own. Not to be traced where there are more. */
  readonly threads?: number;
};

export type AgentDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Who writes out the attempts as spans; nobody unless given. */
  readonly tracing?: Tracing | undefined;
};

export type RunningAgent = {
  /** Where it listens; `null` where it does not. */
  readonly url: string | null;
  /** Finishes or cuts short what runs, sends what it can, and leaves the rest on disk. */
  stop(): Promise<void>;
  /** Rejects with one sentence when the aggregator will not have this agent; resolves once stopped. */
  readonly ended: Promise<void>;
};

/** How long attempts may go on, and how long the link may take, once it was told to stop. */
const graceMs = 500;
const sendMs = 1_000;

type Parts = {
  readonly boot: string;
  readonly wheel: Wheel;
  readonly machine: Machine;
  readonly spool: Spool;
  readonly ledger: Ledger | undefined;
  readonly gathering: Collector;
  readonly tracing: AttemptTracing | undefined;
  /** What hears of spooled results; set once the parts are together. */
  uplink: Uplinks | undefined;
  /** Of the aggregator that answered last. */
  clockOffset: ClockOffset | undefined;
};

/** Throws `Mistakes` when the options are wrong; nothing is left running then. */
export async function startAgent(options: AgentOptions, deps: AgentDeps): Promise<RunningAgent> {
  const probing = await environment(options, deps);
  const parts = openParts(options, deps);
  let work: Work | undefined;
  const state = (): AgentState => ({
    connected: parts.uplink?.connected ?? false,
    hasAssignment: work?.hasAssignment ?? false,
    running: work?.running ?? 0,
    spoolBytes: parts.spool.heldBytes,
    droppedCount: parts.spool.droppedCount,
    lostCount: parts.gathering.lostCount,
    lastSeq: parts.spool.lastSeq,
    admittedShare: work?.admittedShare ?? 1,
    machine: parts.machine.state,
    clockOffset: aged(parts.clockOffset, deps.clock),
    spans: parts.tracing?.counts(),
    files: options.reloads?.states(),
  });
  let listener: Listener | undefined;
  let exporter: Exporter | null = null;
  try {
    exporter = options.modules === undefined ? null : startExporter(options.modules, probing, { ...deps, ...options });
    listener = options.listen === null ? undefined : await listenAt(options.listen, state, exporter?.handle);
    work = startWork(options, { ...deps, hands: handsOf(options, deps, parts, probing) });
    parts.uplink = connect(options, deps, parts, work);
  } catch (error) {
    exporter?.stop();
    await listener?.stop();
    closeParts(parts);
    throw error;
  }
  return running(parts, work, { listener, exporter });
}

function openParts(options: AgentOptions, deps: AgentDeps): Parts {
  const boot = bootId(deps.clock);
  const aggregators = { ranked: wantedBy(options).map(({ href }) => href), nowMs: deps.clock.nowMs() };
  const spool = openSpool(
    { stateDir: options.stateDir, boot, maxBytes: options.spoolBytes ?? defaultSpoolBytes, aggregators },
    deps.log,
  );
  let ledger: Ledger | undefined;
  try {
    if (options.ledgerFile !== null) {
      ledger = openLedger(options.ledgerFile);
      completeLedger(options.ledgerFile, ledger, spool);
    }
  } catch (error) {
    ledger?.close();
    spool.close();
    throw error;
  }
  const { tracing: writer } = deps;
  const tracing = writer === undefined ? undefined : attemptTracing(writer, { ...options, boot });
  const wheel = wheelOn(deps.clock);
  const gathering = collector({ clock: deps.clock, wheel }, spool, deps.log, (results) => {
    for (const [of, some] of Map.groupBy(results, (result) => result.boot)) ledger?.write(of, some);
    tracing?.numbered(results);
    parts.uplink?.wake();
  });
  const machine = watchMachine(deps.clock, wheel, ownProcessorMs);
  const parts: Parts = {
    boot,
    wheel,
    machine,
    spool,
    ledger,
    gathering,
    tracing,
    uplink: undefined,
    clockOffset: undefined,
  };
  return parts;
}

/** This thread's where one is asked for: to hand results over costs something. */
function handsOf(options: AgentOptions, deps: AgentDeps, parts: Parts, probing: Environment): Hands {
  const { threads = 1, vantage, ca, resolver, sourceAddress, allowTargets, secrets } = options;
  const { gathering, wheel, tracing } = parts;
  return threads > 1
    ? threadedHands(
        { threads, vantage, environment: { ca, resolver, sourceAddress, allowTargets, secrets } },
        { ...deps, onResult: gathering.add },
      )
    : ownHands({
        ...deps,
        ...{ wheel, tracing, vantage, environment: probing },
        onResult: gathering.add,
        onQuiet: gathering.onQuiet,
      });
}

function closeParts({ gathering, ledger, machine, spool }: Parts): void {
  machine.stop();
  gathering.stop();
  ledger?.close();
  spool.close();
}

function connect(options: AgentOptions, deps: AgentDeps, parts: Parts, work: Work): Uplinks | undefined {
  const aggregators = wantedBy(options);
  if (aggregators.length === 0) return undefined;
  const { agent, vantage, region, version, token, certificate, ca, proxyFor } = options;
  const { homing: limits = defaultLimits } = options;
  return startUplinks(
    { ranked: aggregators, token, certificate, ca, proxyFor, limits, lostAfterMs: defaultLostAfterMs },
    {
      ...deps,
      spool: parts.spool,
      hello: { type: 'hello', agent, vantage, region, version },
      onAssignment: work.assign,
      onBurst: work.burst,
      onClockOffset(offset) {
        parts.clockOffset = offset;
      },
      roundsThroughMs() {
        parts.gathering.flush();
        return Math.min(work.throughMs(), parts.gathering.oldestStartMs() ?? Number.POSITIVE_INFINITY);
      },
    },
  );
}

/** The aggregators, the one that this agent wants most first. */
function wantedBy({ agent, aggregator, otherAggregators = [] }: AgentOptions): readonly URL[] {
  const urls = aggregator === null ? [] : [aggregator, ...otherAggregators];
  return ranked(
    agent,
    urls.map(({ href }) => href),
  ).map((href) => new URL(href));
}

type Answering = { readonly listener: Listener | undefined; readonly exporter: Exporter | null };

function running(parts: Parts, work: Work, { listener, exporter }: Answering): RunningAgent {
  const stopped = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;

  async function stop(): Promise<void> {
    await work.stop(graceMs);
    parts.gathering.flush();
    await parts.uplink?.stop(sendMs);
    exporter?.stop();
    await listener?.stop();
    closeParts(parts);
    stopped.resolve();
  }
  return {
    url: listener?.url ?? null,
    stop() {
      stopping ??= stop();
      return stopping;
    },
    ended: parts.uplink?.ended ?? stopped.promise,
  };
}

/** How long ago it was measured. */
function aged(offset: ClockOffset | undefined, clock: Clock): AgentState['clockOffset'] {
  return offset === undefined ? undefined : { ...offset, ageMs: clock.nowMs() - offset.atMs };
}

/** Start time and 64 random bits: unique even when the disk is lost. */
function bootId(clock: Clock): string {
  return `${Math.floor(clock.nowMs()).toString(36)}-${randomBytes(8).toString('hex')}`;
}
