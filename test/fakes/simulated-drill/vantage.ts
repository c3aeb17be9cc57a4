/** One vantage of a simulated drill: its resolver's cache, its attempts, and what each of them met. */

import type { BurstCheck } from '../../../chaos/facts.ts';
import type { Random } from '../../../contract/random.ts';
import type { ClientClass } from '../../../contract/result.ts';
import type { Settings } from './settings.ts';
import { authorityAnswer, heirs, nameservers, region, type World } from './world.ts';

/** An attempt with what nobody can see: when it was led somewhere, when it was answered, and why it failed. */
export type Made = {
  readonly check: BurstCheck;
  readonly client: ClientClass;
  readonly startMs: number;
  readonly endMs: number;
  readonly ledAtMs: number;
  readonly metAtMs: number;
  readonly region: string;
  readonly good: boolean;
  readonly why: 'dark' | 'stray' | 'flap' | null;
  readonly server: string | null;
  /** Not recorded: the agent shed it. */
  readonly missing: boolean;
  /** Of a pooled attempt: which connection, opened when. */
  readonly connection: Connection | null;
};

type Connection = { readonly region: string; readonly number: number; readonly openedMs: number };

/** When the cache began to lead elsewhere. */
export type Refill = { readonly atMs: number; readonly region: string };
export type Lived = { readonly made: readonly Made[]; readonly refills: readonly Refill[] };

type Plan = Pick<Made, 'check' | 'client' | 'startMs' | 'ledAtMs' | 'server'> & {
  readonly wholeMs: number;
  readonly share: number;
};

export function live(settings: Settings, world: World, on: boolean, random: Random): Lived {
  const cache = resolverCache(settings, world, on, random);
  const kept: Kept = { now: null, count: 0 };
  const made: Made[] = [];
  for (const plan of plans(settings, world, random).sort((a, b) => a.ledAtMs - b.ledAtMs)) {
    if (plan.check === 'authority') made.push(answered(plan, authorityFor(settings, world, { on, plan, random })));
    else if (plan.check === 'resolver') made.push(answered(plan, cache.at(plan.ledAtMs)));
    else made.push(tried(settings, world, random, { plan, kept, lead: cache.at }));
  }
  return { made: made.map((one) => ({ ...one, missing: random() < settings.missingRatio })), refills: cache.refills };
}

function authorityFor(
  settings: Settings,
  world: World,
  asked: { readonly on: boolean; readonly plan: Plan; readonly random: Random },
): string {
  const { on, plan, random } = asked;
  if (!on) return heirs[1];
  return authorityAnswer(world, settings, nameservers.indexOf(plan.server ?? ''), { atMs: plan.ledAtMs, random });
}

function plans(settings: Settings, world: World, random: Random): Plan[] {
  const all: Plan[] = [];
  const { burstEveryMs, attemptMs } = settings;
  const add = (check: BurstCheck, client: ClientClass, server: string | null): void => {
    const dns = check === 'authority' || check === 'resolver';
    const phaseMs = random() * burstEveryMs;
    for (let dueMs = world.t0Ms - 3_000 + phaseMs; dueMs < world.endMs; dueMs += burstEveryMs) {
      const startMs = dueMs + random() * 5;
      const wholeMs = dns ? 0.2 + random() * 5 : attemptMs * (0.6 + random() * 0.9) * (random() < 0.02 ? 4 : 1);
      const share = 0.3 + random() * 0.7;
      // Names are asked at the start of an attempt; a server meets the question somewhere in its span.
      const ledAtMs = startMs + (dns ? random() * wholeMs : random() * Math.min(5, wholeMs * 0.2));
      all.push({ check, client, startMs, ledAtMs, server, wholeMs, share });
    }
  };
  add('client', 'fresh', null);
  add('client', 'pooled', null);
  add('direct', 'fresh', null);
  add('resolver', 'fresh', null);
  for (const server of nameservers) add('authority', 'fresh', server);
  return all;
}

function resolverCache(
  settings: Settings,
  world: World,
  on: boolean,
  random: Random,
): { at(atMs: number): string; refills: Refill[] } {
  const refills: Refill[] = [];
  let endsMs = Number.NEGATIVE_INFINITY;
  return {
    refills,
    at(atMs) {
      const last = refills.at(-1);
      if (last !== undefined && atMs < endsMs) return last.region;
      // The first one is found in the middle of its life.
      endsMs = atMs + settings.ttlSeconds * 1_000 * (last === undefined ? random() : 1);
      const server = Math.floor(random() * nameservers.length);
      const led = on ? authorityAnswer(world, settings, server, { atMs, random }) : heirs[1];
      if (last?.region !== led) refills.push({ atMs, region: led });
      return led;
    },
  };
}

function answered(plan: Plan, led: string): Made {
  const { check, client, startMs, ledAtMs, server, wholeMs } = plan;
  return {
    check,
    client,
    startMs,
    ledAtMs,
    metAtMs: ledAtMs,
    endMs: startMs + wholeMs,
    region: led,
    good: true,
    why: null,
    server,
    missing: false,
    connection: null,
  };
}

type Kept = { now: Connection | null; count: number };
type Trial = { readonly plan: Plan; readonly kept: Kept; readonly lead: (atMs: number) => string };

function tried(settings: Settings, world: World, random: Random, trial: Trial): Made {
  const { plan, kept, lead } = trial;
  const { check, client, startMs, ledAtMs, wholeMs, server } = plan;
  const pooled = check === 'client' && client === 'pooled';
  const goal = check === 'direct' ? region : pooled && kept.now !== null ? kept.now.region : lead(ledAtMs);
  const metAtMs = Math.max(ledAtMs, startMs + wholeMs * plan.share);
  const flapping = world.flaps.some((flap) => flap.region === goal && metAtMs >= flap.fromMs && metAtMs < flap.toMs);
  const dark = goal === region && !world.alive(metAtMs);
  const stray = random() < settings.strayRatio;
  const why = dark ? 'dark' : flapping ? 'flap' : stray ? 'stray' : null;
  if (pooled && kept.now === null) {
    kept.count += 1;
    kept.now = { region: goal, number: kept.count, openedMs: ledAtMs };
  }
  const connection = pooled ? kept.now : null;
  const stays = why === null || (why === 'dark' && !settings.closesConnections);
  if (pooled && !stays) kept.now = null;
  // What swallows is only given up at the time-out.
  const swallowed = dark && (settings.mode === 'black-hole' || settings.mode === 'hung');
  const endMs = Math.max(metAtMs, startMs + (swallowed ? 3_000 : wholeMs));
  return {
    check,
    client,
    startMs,
    ledAtMs,
    metAtMs,
    endMs,
    region: goal,
    good: why === null,
    why,
    server,
    missing: false,
    connection,
  };
}
