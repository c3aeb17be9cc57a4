/** The scenario of a service, as its users would write it. */
import { formatHostPort } from '../../../contract/address.ts';
import { regions, type Service, workloads } from './service.ts';

export type Wish = {
  /** Of a drill; merged into it. */
  readonly drill?: object;
};

/** A pod of the north bears twice what one of the south does: so many can carry all. */
const shares = { north: 50, south: 50 };

export function scenarioOf(service: Service, wish: Wish = {}): object {
  const { port } = service.doors.north;
  const names = workloads.north.map(({ kind, name }) => `${kind}/${name}`);
  const plans = regions.map((region) => {
    const kubernetes = { context: region, namespace: service.namespaces[region], workloads: names };
    const endpoint = `http://${formatHostPort(service.doors[region])}`;
    return [region, { jurisdiction: 'EU', share: shares[region], endpoint, kubernetes }];
  });
  const often = { every: '600ms', timeout: '550ms' };
  return {
    service: 'shop',
    entry: { shop: `http://${service.entryHost}:${port}` },
    regions: Object.fromEntries(plans),
    identity: { servedBy: { header: 'x-region' } },
    checks: [
      { name: 'home', kind: 'http', to: 'regions', path: '/health', ...often },
      { name: 'entry', kind: 'http', to: 'entry.shop', path: '/', ...often },
    ],
    drills: [
      {
        name: 'lose-north',
        fault: { 'scale-to-zero': 'north' },
        expect: [{ entry: 'shop', servedBy: ['south'], within: '20s', failback: '20s' }],
        burst: { every: '200ms', for: '5m' },
        lease: '2s',
        hold: '500ms',
        ...wish.drill,
      },
    ],
    allow: { contexts: [...regions], workloads: names },
  };
}
