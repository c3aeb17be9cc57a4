/** The stopwatch of a drill, alone: for a failover that somebody or something else causes. It needs no rights anywhere. */
import { sleep } from '../contract/clock.ts';
import type { Evidence } from './evidence.ts';
import type { Journal } from './journal.ts';
import { reportOf } from './judge.ts';
import { follow } from './observe/follow.ts';
import { type ObserveOptions, type ObserverDeps, observationId, type Watch, watchOf } from './observe/watch.ts';
import { reportHtml } from './report.ts';
import { startAnnouncer } from './runner/announcer.ts';
import { keepBursts } from './runner/bursts.ts';
import { writeEvidence } from './runner/conclusion.ts';
import { onDisk } from './runner/keep.ts';
import { latecomers, waitingFor } from './runner/latecomers.ts';
import { fresh } from './runner/run.ts';
import type { Outcome } from './runner/types.ts';
import { nameserversOf, readZone } from './runner/zone.ts';
import { sentenceOf } from './trouble.ts';

export type { ObserveOptions, ObserverDeps } from './observe/watch.ts';

/** The last results are on their way from the agents. */
const settleMs = 500;

/**
 * Watches until a region has gone dark and come back, until Ctrl-C, or until the limit. Rejects with a `Trouble` when the
 * aggregator cannot be used. Exit 130: Ctrl-C before anything was seen.
 */
export async function observe(options: ObserveOptions, deps: ObserverDeps): Promise<Outcome> {
  const { clock, fleet, interrupt } = deps;
  const id = observationId(options, clock, deps.random);
  const offset = await fleet.offset(interrupt);
  const { state, because } = await readZone(deps.zone, interrupt);
  if (because !== null)
    deps.progress({ kind: 'message', text: `the zone cannot be read, so its checkers are not watched: ${because}` });
  const nameservers = await nameserversOf(options.scenario, state);
  const { agents } = await fleet.fleet(interrupt);
  const keep = deps.keep ?? onDisk;
  const evidence = await keep.openEvidence(options.evidenceDir, id);
  const journal = await keep.openJournal(evidence.journalPath, clock);
  await evidence.write('scenario.json', options.scenario);
  const watch = watchOf(options, { id, offset, zone: state, startedMs: clock.nowMs() });
  const { scenario, burstEveryMs: everyMs } = options;
  const vantages = agents.filter(({ connected }) => connected);
  const wish = { id, scenario, ...watch.asks(), vantages, nameservers, everyMs, offset };
  const bursts = await keepBursts(wish, deps, interrupt);
  const announcer = startAnnouncer(watch, deps);
  try {
    await announcer.announce();
    const stream = await fleet.results((result) => {
      if (result.burst !== null && bursts.ids.has(result.burst)) watch.result(result);
    }, interrupt);
    await follow(options, watch, deps);
    await bursts.end();
    const waiting = (ms: number): void => deps.progress({ kind: 'message', text: waitingFor(ms) });
    await latecomers({ clock, interrupt, facts: watch.facts, attemptMs: bursts.attemptMs, waiting });
    await sleep(clock, settleMs);
    await stream.close(fresh()).catch(() => undefined);
    watch.end(clock.nowMs());
    const outcome = await conclude(options, watch, { evidence, journal, deps });
    announcer.stop();
    await announcer.announce({ report: outcome.report, html: outcome.html }).catch(() => undefined);
    return outcome;
  } finally {
    announcer.stop();
    await bursts.end();
  }
}

type Place = { readonly evidence: Evidence; readonly journal: Journal; readonly deps: ObserverDeps };

async function conclude(options: ObserveOptions, watch: Watch, { evidence, journal, deps }: Place): Promise<Outcome> {
  const facts = watch.facts();
  const report = reportOf(facts);
  const html = reportHtml(report, facts);
  const exits = { pass: 0, fail: 1, inconclusive: 3 } as const;
  const exit = deps.interrupt.aborted && facts.t0 === null ? 130 : exits[report.verdict.status];
  const { scenario, version } = options;
  try {
    await evidence.results(facts.results);
    await evidence.observations(facts.checkers.map((reading) => ({ what: 'checkers', ...reading })));
    await writeEvidence({ facts, report, html, exit, scenario, version }, evidence, journal);
  } catch (error) {
    deps.progress({ kind: 'message', text: `the evidence is incomplete: ${sentenceOf(error)}` });
  }
  return { report, exit, refusals: [], evidence: evidence.dir, html };
}
