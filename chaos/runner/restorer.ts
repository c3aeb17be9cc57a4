import { sleep } from '../../contract/clock.ts';
import type { RestorerPlan } from '../cluster.ts';
import { forRestorer } from '../notify/restorer.ts';
import { startRestorer as makeRestorer } from '../restorer/parts.ts';
import { restorerRules } from '../restorer/rules.ts';
import { Trouble } from '../trouble.ts';
import type { HeldLease } from './lease.ts';
import type { Stake } from './prepare.ts';
import type { Run } from './run.ts';
import { stopReason } from './stop-reason.ts';

/** An image has to be pulled, and a process to start. */
const seenWithinMs = 20_000;
const slowestLookMs = 250;

/**
 * Starts the drill's restorer and waits until it has beaten. Rejects when it does not: a drill without one is never
 * begun. Returns early when there is a reason to stop.
 */
export async function startRestorer(run: Run, lease: HeldLease, stake: Stake): Promise<void> {
  const { clock, interrupt } = run.deps;
  const { leaseMs } = run.options.drill;
  const { id: drill } = run.prepared;
  const { undo, cluster } = stake;
  const plan: RestorerPlan = { drill, lease, image: imageOf(run), rules: restorerRules(undo), notify: notifyOf(run) };
  await makeRestorer(cluster, plan, interrupt);
  const limitMs = Math.max(seenWithinMs, leaseMs);
  const untilMs = clock.nowMs() + limitMs;
  while (stopReason(run) === null) {
    // A beat shows when the Lease is written to: the version has moved on.
    await lease.confirm(interrupt);
    if (lease.restorerSilentForMs() !== null) return;
    if (clock.nowMs() >= untilMs) throw noSign(run, lease, stake, limitMs);
    await sleep(clock, Math.min(slowestLookMs, leaseMs / 8), interrupt);
  }
}

/** What its restorer tells people by; `null`: nobody wants its words. */
export function notifyOf({ options: { drill, scenario }, deps, prepared, recorder }: Run): string | null {
  const { fault } = recorder.facts();
  const of = { drill: prepared.id, name: drill.name, scenario: scenario.service, region: prepared.region, fault };
  return forRestorer(of, deps.notify?.targets ?? []);
}

function imageOf({ options }: Run): string {
  return options.scenario.restorer?.image ?? `blackstart:${options.version}`;
}

function noSign(run: Run, { name }: HeldLease, { plan }: Stake, limitMs: number): Trouble {
  const { context, namespace } = plan;
  const asked = `does its image ${imageOf(run)} start? Job ${name} in ${context}/${namespace} tells`;
  return new Trouble('unreachable', `the restorer gave no sign of life within ${limitMs / 1_000} s: ${asked}`);
}
