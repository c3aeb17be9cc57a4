/** A failover through real name servers with real health checks, timed by a drill and by somebody who knows nothing of it. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bounds } from '../../../contract/bounds.ts';
import type { DrillReport, StageTable } from '../../../contract/drill.ts';
import { present } from '../programs.ts';
import { serversBuilt } from './binaries.ts';
import { undisturbed } from './kill.ts';
import { type PowerDns, powerDns } from './powerdns.ts';
import { regions } from './service.ts';
import { began, startWitness, type Visit } from './witness.ts';
import { realWorld, type World } from './world.ts';

/** Seconds: how long an answer is kept, and how often the doors are asked. */
const settings = [
  { ttlSeconds: 1, checkEverySeconds: 1 },
  { ttlSeconds: 5, checkEverySeconds: 2 },
] as const;

const hasPowerDns = ['pdns_server', 'pdns_recursor'].every((program) => present(program, ['--version']));

describe.skipIf(!serversBuilt() || !hasPowerDns)('a drill through PowerDNS and its recursor', () => {
  let world: World;
  beforeAll(async () => {
    world = await realWorld();
  });
  afterAll(() => world?.close());

  describe.each(settings)('with answers kept for $ttlSeconds s, checks every $checkEverySeconds s', (setting) => {
    let dns: PowerDns | undefined;
    let visits: readonly Visit[];
    let report: DrillReport;
    let left: readonly string[];
    afterAll(() => dns?.stop());

    beforeAll(async () => {
      const number = setting.ttlSeconds;
      const { service, post } = await world.shop({
        number,
        drill: { burst: { every: '100ms', for: '5m' }, hold: '1s' },
        async resolver({ entryHost, doors }) {
          const addresses = [doors.north.host, doors.south.host] as const;
          const dir = join(world.cluster.dir, `dns-${number}`);
          dns = await powerDns({ dir, host: entryHost, doorPort: doors.north.port, addresses, ...setting });
          return dns.recursor;
        },
        // Whoever measures has a clock of his own.
        post: { clocks: ['offset=1.7s,drift=90', 'offset=-2.3s,drift=-60'] },
      });
      const recursor = dns?.recursor ?? { host: '', port: 0 };
      const witness = startWitness(service.entryHost, service.doors.north.port, recursor);
      const ran = await undisturbed({ service, post }, '--json');
      await witness.stop();
      visits = witness.visits;
      expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(0);
      report = JSON.parse(ran.stdout) as DrillReport;
      left = ran.left;
    });

    /** The first good answer from where it moved to, by each vantage's fresh client, on the wall clock. */
    function reported(table: StageTable, zero: Bounds | null): readonly Bounds[] {
      return regions.flatMap((vantage) => {
        const stage = table[vantage]?.fresh?.['first-good'];
        if (stage === undefined || zero === null) return [];
        return [{ lowerMs: zero.lowerMs + stage.lowerMs, upperMs: zero.upperMs + stage.upperMs }];
      });
    }

    test('the failover that each vantage reports is the one that the witness saw', () => {
      const seen = began(visits, 'south', report.restoreCalled?.lowerMs ?? 0);
      const failovers = reported(report.stages, report.t0);
      tell('failover', seen, failovers, report.t0);
      expect(failovers).toHaveLength(regions.length);
      for (const bounds of failovers) {
        expect(bounds.lowerMs).toBeLessThanOrEqual(seen?.upperMs ?? Number.NaN);
        expect(bounds.upperMs).toBeGreaterThanOrEqual(seen?.lowerMs ?? Number.NaN);
      }
    });

    test('so is the failback', () => {
      const seen = began(visits, 'north', Number.POSITIVE_INFINITY);
      const failbacks = reported(report.failback, report.restoreCalled);
      tell('failback', seen, failbacks, report.restoreCalled);
      expect(failbacks).toHaveLength(regions.length);
      for (const bounds of failbacks) {
        expect(bounds.lowerMs).toBeLessThanOrEqual(seen?.upperMs ?? Number.NaN);
        expect(bounds.upperMs).toBeGreaterThanOrEqual(seen?.lowerMs ?? Number.NaN);
      }
    });

    test('everything is as it was', () => {
      expect(left).toEqual([]);
    });
  });
});

function tell(what: string, seen: Bounds | null, reported: readonly Bounds[], zero: Bounds | null): void {
  const since = ({ lowerMs, upperMs }: Bounds): string =>
    [lowerMs, upperMs].map((atMs) => (atMs - (zero?.lowerMs ?? 0)).toFixed(0)).join(' to ');
  const vantages = reported.map(since).join(', ');
  process.stdout.write(
    `${what}: the witness ${seen === null ? 'saw none' : since(seen)} ms, the vantages ${vantages} ms\n`,
  );
}
