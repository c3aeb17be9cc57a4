/** The aggregator as a whole: opens its state, listens, and stops cleanly. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { alertFacts } from './alerts/facts.ts';
import { httpApp } from './api/app.ts';
import { type Access, access, isLoopback } from './api/auth.ts';
import { eventStream, readTypes, type Stream } from './api/stream.ts';
import { type Complain, complaints } from './complaints.ts';
import { coreOf } from './core.ts';
import { type Counted, countedInto } from './counted.ts';
import { type Engine, engineOf } from './engine.ts';
import { exchangeOf } from './exchange.ts';
import { admissionOf } from './ingest/admission.ts';
import { type Committer, committer } from './ingest/committer.ts';
import { type AgentServer, agentServer } from './ingest/server.ts';
import { listen, refuseUpgrade, type Upgrade } from './listen.ts';
import { processMetrics } from './metrics/process.ts';
import type { AggregatorDeps, AggregatorOptions, Plan, RunningAggregator } from './options.ts';
import { type Records, records } from './records.ts';
import { correct } from './slices/settle.ts';
import { openStore, type Store } from './store/store.ts';
import { startTicks, type Ticks } from './ticks.ts';
import { type Presented, presentedBy } from './tls.ts';

export type { AggregatorOptions, RunningAggregator } from './options.ts';

const defaultLogBytes = 2 * 1_073_741_824;

/** Resolves once it listens. Rejects, with nothing left running, when the state cannot be used or the port is taken. */
export async function startAggregator(options: AggregatorOptions, deps: AggregatorDeps): Promise<RunningAggregator> {
  await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
  const store = await openStore(join(options.stateDir, 'aggregator.sqlite'));
  try {
    return await startOn(store, options, deps);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What runs beside the HTTP side, and has to be stopped. */
type Parts = {
  readonly store: Store;
  readonly engine: Engine;
  readonly stream: Stream;
  readonly records: Records;
  readonly committer: Committer;
  readonly counted: Counted;
  readonly agents: AgentServer;
  readonly complain: Complain;
};

async function startOn(store: Store, options: AggregatorOptions, deps: AggregatorDeps): Promise<RunningAggregator> {
  const { clock, log } = deps;
  const parts = await assemble(store, options, deps);
  const { engine, records: known, agents, stream } = parts;
  const reload = async (plan: Plan): Promise<void> => {
    await engine.replace(plan);
    agents.assign();
    const { version, checks } = engine.plan.assignment();
    log.info({ version, checks: checks.length, objectives: plan.objectives.length }, 'reloaded');
  };
  const exchange = exchangeOf(options, deps);
  const process = processMetrics();
  const { committer: commits } = parts;
  const core = coreOf({
    options,
    deps,
    store,
    engine,
    records: known,
    sources: exchange,
    process,
    committer: commits,
    agents,
    complain: parts.complain,
    reload,
  });
  const allowed = access({ write: options.writeToken, read: options.readToken }, isLoopback(options.listen.host));
  const stopBackground = (): Promise<void> => exchange.stop().then(() => process.stop());
  try {
    await exchange.write(core.cut);
    const guard = { clock, log, tls: options.tls, refuse: core.refused, complain: parts.complain };
    const http = await listen(options.listen, httpApp(core, allowed), upgrades(agents, stream, allowed), guard);
    const around = { ...exchange, scenario: options.scenario, regions: options.regions };
    exchange.alert(options.externalUrl ?? http.url, store.loaded.alerts, {
      facts: () => alertFacts(engine, known, around, clock.nowMs()),
      save: (text) => store.setMeta('alerts', text),
    });
    const maxLogBytes = options.maxLogBytes ?? defaultLogBytes;
    const ticks = startTicks(engine, { clock, log, store, maxLogBytes, appliedId: parts.counted.appliedId });
    let stopped: Promise<void> | undefined;
    return {
      url: http.url,
      reload(assignment, objectives) {
        reload({ assignment, objectives }).catch((error: unknown) =>
          log.error({ error: String(error) }, 'reload failed'),
        );
      },
      stop() {
        stopped ??= stop(parts, ticks, log, async () => {
          await stopBackground();
          await http.close();
        });
        return stopped;
      },
    };
  } catch (error) {
    await stopBackground();
    throw error;
  }
}

async function assemble(store: Store, options: AggregatorOptions, deps: AggregatorDeps): Promise<Parts> {
  const { clock, log } = deps;
  const { assignment, objectives } = options;
  const engine = await engineOf(
    store,
    { assignment, objectives, keepsTotals: (options.name ?? null) !== null },
    clock,
    (verdict) => stream.publish({ type: 'verdict', verdict }),
  );
  const { series, checks, roster, sequences, plan } = engine;
  const stream: Stream = eventStream(clock, (events) => series.add(series.slot('streamLost', []), events));
  const known = records(store, clock, (drill) => {
    engine.verdicts.drilled(drill);
    stream.publish({ type: 'drill', drill });
  });
  const counted = countedInto(engine, store.loaded.nextId - 1, {
    clock,
    stream,
    acknowledge: (agent, boot, seq) => agents.acknowledge(agent, boot, seq),
  });
  const commits = committer({
    clock,
    log,
    nextId: store.loaded.nextId,
    commit: (commit) => store.commit(commit),
    nameOf: (id) => checks.get(id).name,
    onCommitted: counted.onCommitted,
    onFailed: counted.onFailed,
  });
  const complain = complaints(clock, (facts, message) => log.warn(facts, message));
  const announce = complaints(clock, (facts, message) => log.info(facts, message));
  const agents: AgentServer = agentServer({
    clock,
    log,
    complain,
    roster,
    sequences,
    committer: commits,
    assignment: plan.assignment,
    bursts: known.bursts.running,
    counts: {
      frame: (type) => series.add(series.slot('linkFrames', [type]), 1),
      refused: (code) => series.add(series.slot('linkRefused', [String(code)]), 1),
      repeated: (results) => series.add(series.slot('linkRepeated', []), results),
    },
    onConnected: ({ agent, boot, vantage, region, version }) =>
      announce(agent, boot, { agent, vantage, region, version }, 'agent connected'),
    onHeld: (agent, before) => correct(agent, before, engine.settling),
    onClockRestart: (vantage) => series.add(series.slot('clockRestarts', [vantage]), 1),
  });
  return { store, engine, stream, records: known, committer: commits, counted, agents, complain };
}

function upgrades(agents: AgentServer, stream: Stream, allowed: Access): Upgrade {
  return (request, socket, head) => {
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    if (url === null) return refuseUpgrade(socket, '400 Bad Request', 'bad-request', 'this is no path');
    const { authorization } = request.headers;
    const certificate = (): Presented => presentedBy(socket);
    if (url.pathname === '/agent') {
      return agents.upgrade(request, socket, head, admissionOf(allowed.mayWrite(authorization), certificate));
    }
    if (url.pathname !== '/api/v1/stream') {
      return refuseUpgrade(socket, '404 Not Found', 'not-found', `no WebSocket ${url.pathname}`);
    }
    if (!allowed.mayRead(authorization, certificate)) {
      return refuseUpgrade(socket, '401 Unauthorized', 'unauthorized', 'reading needs a token');
    }
    const types = readTypes(url.searchParams.get('types'));
    if (typeof types === 'string') return refuseUpgrade(socket, '400 Bad Request', 'bad-request', types);
    return stream.upgrade(request, socket, head, types);
  };
}

/** Agents first, so that nothing new comes; then what came goes to the disk; then the rest. */
async function stop(
  parts: Parts,
  ticks: Ticks,
  log: AggregatorDeps['log'],
  stopRest: () => Promise<void>,
): Promise<void> {
  ticks.stop();
  await parts.agents.stop();
  await parts.stream.stop();
  parts.committer.stop();
  const failed = (error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error);
    log.error({ why }, 'not everything could be stored; agents still have what was not acknowledged');
  };
  await parts.committer.flush().catch(failed);
  await ticks.fold().catch(failed);
  await stopRest();
  await parts.store.close();
}
