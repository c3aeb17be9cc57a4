import type { RecordSet } from '../../zone/records.ts';
import type { Plant } from '../world.ts';
import { names, type RegionName } from './design.ts';
import { aliases } from './zone.ts';

/** Far over what any region's limit leaves. */
const slowMs = 120;

/** For each row, the smallest thing to be wrong that turns it red and leaves every other row as it is. */
export const plants: Readonly<Record<string, Plant>> = {
  'latency.us-east-1': { kind: 'round-trip', region: 'us-east-1', addMs: slowMs },
  'latency.eu-west-1': { kind: 'round-trip', region: 'eu-west-1', addMs: slowMs },
  'latency.ap-southeast-1': { kind: 'round-trip', region: 'ap-southeast-1', addMs: slowMs },
  // A record for one country, which comes before its continent's. No vantage is in these countries.
  'routing.new-york': misled('US', 'ap'),
  'routing.london': misled('GB', 'us'),
  'routing.singapore': misled('SG', 'us'),
  // The other two keep their proportion, so that the share without us-east-1 stays what it is to be.
  'traffic.share': reweighted({ 'us-east-1': 20, 'eu-west-1': 60, 'ap-southeast-1': 20 }),
  'residency.eu-in-eu': { kind: 'guard-refuses', country: 'GB', region: 'eu-west-1' },
  'residency.us-anywhere': { kind: 'guard-refuses', country: 'US', region: 'ap-southeast-1' },
  // Refused, but as if it were forbidden for any reason: nothing is stored, and no record of it is due.
  'residency.eu-refused': { kind: 'guard-refuses', country: 'DE', region: 'ap-southeast-1', status: 403 },
  'residency.log': { kind: 'log-silent', region: 'ap-southeast-1' },
  'residency.audit': { kind: 'leak', country: 'DE', from: 'eu-west-1', to: 'us-east-1' },
  'failover.active-active': recordsOf(names.global, 'us-east-1', (record) => ({ ...record, healthCheckId: null })),
  'failover.active-passive': standbyTo('eu-west-1', 'ap-southeast-1'),
  'failover.eu-dark': { kind: 'door-dark-status', region: 'eu-west-1', status: 404 },
  // A leak stops its drill. At once, and nothing would be seen of what users meet while eu-west-1 is dark.
  'failover.residency': { kind: 'guard-off', region: 'us-east-1', whileDark: 'eu-west-1', afterMs: 2_500 },
  'metrics.names': { kind: 'metric-missing', region: 'ap-southeast-1', metric: 'agent_region_requests_total' },
  'smoke.us-east-1': { kind: 'path-status', region: 'us-east-1', path: '/', status: 500 },
  'smoke.eu-west-1': { kind: 'path-status', region: 'eu-west-1', path: '/', status: 500 },
  'smoke.ap-southeast-1': { kind: 'path-status', region: 'ap-southeast-1', path: '/', status: 500 },
};

function changed(change: (records: readonly RecordSet[]) => readonly RecordSet[]): Plant {
  return { kind: 'records', change };
}

function recordsOf(hostname: string, region: RegionName, change: (record: RecordSet) => RecordSet): Plant {
  return changed((records) =>
    records.map((record) =>
      record.name === `${hostname}.` && record.setIdentifier === region ? change(record) : record,
    ),
  );
}

function misled(country: string, label: string): Plant {
  return changed((records) => [
    ...records,
    aliases({ hostedZoneId: zoneIn(records) })(
      `country-${country}`,
      { country },
      { label, evaluateTargetHealth: true },
    ),
  ]);
}

/** The zone that the aliases are in. */
function zoneIn(records: readonly RecordSet[]): string {
  const targets = records.map(({ target }) => target);
  return targets.find((target) => target.kind === 'alias')?.hostedZoneId ?? '';
}

function reweighted(weights: Readonly<Record<string, number>>): Plant {
  return changed((records) =>
    records.map((record) => {
      const weight = weights[record.setIdentifier ?? ''];
      return record.routing.policy === 'weighted' && weight !== undefined
        ? { ...record, routing: { ...record.routing, weight } }
        : record;
    }),
  );
}

/** The standby name falls to the wrong region: that of its record on `ap.`. */
function standbyTo(instead: RegionName, region: RegionName): Plant {
  return changed((records) => {
    const other = records.find((record) => record.setIdentifier === region && record.target.kind === 'values');
    return records.map((record) =>
      other !== undefined && record.name === `${names.standby}.` && record.setIdentifier === instead
        ? { ...record, setIdentifier: region, healthCheckId: other.healthCheckId, target: other.target }
        : record,
    );
  });
}
