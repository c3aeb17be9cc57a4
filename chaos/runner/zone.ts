import { lookup } from 'node:dns/promises';
import type { Clock } from '../../contract/clock.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { blindSpots } from '../../zone/blind-spots.ts';
import { endpointHealthy } from '../../zone/health.ts';
import type { HealthCheck, Zone } from '../../zone/records.ts';
import type { CheckerReading } from '../facts.ts';
import { holds, whereLeads } from '../predict.ts';
import { sentenceOf } from '../trouble.ts';
import type { ZoneReader } from '../zone-reader.ts';
import type { DrillOptions } from './types.ts';

/** The zone as it was found before a drill. */
export type ZoneState = { readonly zone: Zone; readonly healthChecks: readonly HealthCheck[] };

/** `null`, and why, where the zone cannot be read: a drill can do without it, and shows less. */
export async function readZone(
  reader: ZoneReader | null,
  signal: AbortSignal,
): Promise<{ readonly state: ZoneState | null; readonly because: string | null }> {
  if (reader === null) return { state: null, because: null };
  try {
    const [zone, healthChecks] = [await reader.zone(signal), await reader.healthChecks(signal)];
    return { state: { zone, healthChecks }, because: null };
  } catch (error) {
    signal.throwIfAborted();
    return { state: null, because: sentenceOf(error) };
  }
}

/** What the zone leaves unknown of the names that a drill is about, a sentence each: said before anything is predicted. */
export function unseen({ scenario, drill }: DrillOptions, state: ZoneState | null): readonly string[] {
  if (state === null) return [];
  const names = drill.expect.map(({ entry }) => new URL(scenario.entry[entry] ?? 'http://localhost').hostname);
  const spots = names.flatMap((name) => blindSpots(state.zone, state.healthChecks, name));
  return [...new Set(spots.map(({ says }) => `the zone does not tell all: ${says}`))];
}

/** `address:port` of each authoritative server: the scenario's own, or those that the zone delegates to. */
export async function nameserversOf(scenario: Scenario, state: ZoneState | null): Promise<readonly string[]> {
  const given = scenario.zone?.nameservers ?? [];
  if (given.length > 0) return given;
  const found = await Promise.all(
    (state?.zone.nameservers ?? []).map((name) =>
      lookup(name.replace(/\.$/, ''), { family: 4 }).then(
        ({ address }) => [`${address}:53`],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** The health check that watches a region: that of the records which lead to its endpoint. */
export function healthCheckOf(state: ZoneState, endpoint: string): HealthCheck | undefined {
  const host = new URL(endpoint).hostname.replaceAll(/^\[|\]$/g, '');
  const targets = new Set(whereLeads(state.zone, host));
  const watched = state.zone.records.find((record) => record.healthCheckId !== null && holds(record, targets));
  return state.healthChecks.find(({ id }) => id === watched?.healthCheckId);
}

/** Asks for the checkers' status once. */
export async function readCheckers(
  reader: ZoneReader,
  check: HealthCheck,
  clock: Clock,
  signal: AbortSignal,
): Promise<CheckerReading> {
  const sentMs = clock.nowMs();
  const reports = await reader.status(check.id, signal);
  const receivedMs = clock.nowMs();
  const said = reports.map(({ healthy }) => healthy);
  const base = check.disabled || endpointHealthy(said);
  return {
    sentMs,
    receivedMs,
    healthy: check.inverted ? !base : base,
    healthyCount: said.filter(Boolean).length,
    totalCount: said.length,
  };
}
