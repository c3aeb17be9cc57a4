/** A sound scenario, and what the parser says of it once something in it is broken. */
import { Mistakes } from '../../contract/mistake.ts';
import { parseScenario } from '../../scenarios/define.ts';

export type Source = { [key: string]: unknown };

export const kubernetes = { context: 'us', namespace: 'default', workloads: ['deployment/shop'] };

/** A scenario with one of everything, for each test to break. */
export function sound(): Source {
  return {
    service: 'shop',
    entry: { api: 'https://api.shop.example', spare: 'https://spare.shop.example' },
    zone: { provider: 'route53', id: 'Z1', names: ['api.shop.example'], nameservers: ['192.0.2.53:53'] },
    regions: {
      'us-east-1': { jurisdiction: 'US', share: 60, endpoint: 'https://us.shop.example', kubernetes },
      'eu-west-1': { jurisdiction: 'EU', share: 40, endpoint: 'https://eu.shop.example' },
    },
    identity: { servedBy: { header: 'X-Region' }, userCountry: { requestHeader: 'x-user-country' } },
    residency: [{ countries: ['EU'], servedIn: ['EU'], storedIn: ['EU'] }],
    inventory: { 'eu-west-1': { http: 'https://eu.shop.example/inventory' } },
    checks: [
      { name: 'home', kind: 'http', to: 'regions', every: '10s' },
      { name: 'geo', kind: 'dns', hostname: 'api.shop.example', subnets: ['london'], every: '30s' },
      { name: 'write', kind: 'residency', to: 'entry.api', userCountry: 'DE', every: '1m' },
    ],
    objectives: [{ id: 'up', check: 'home', indicator: 'availability', target: '99.9%', window: '30d' }],
    drills: [
      {
        name: 'lose-us',
        fault: { 'scale-to-zero': 'us-east-1' },
        expect: [{ entry: 'api', servedBy: ['eu-west-1'], within: '4m' }],
      },
    ],
    allow: { contexts: ['us'], workloads: ['deployment/shop'] },
  };
}

/** The sound scenario with the value at a path replaced; `undefined` takes it away. */
export function broken(path: readonly (string | number)[], value: unknown): Source {
  const source = sound();
  let inner = source as { [key: string | number]: unknown };
  for (const key of path.slice(0, -1)) inner = inner[key] as { [key: string | number]: unknown };
  inner[path.at(-1) ?? ''] = value;
  return source;
}

export function mistakesOf(source: unknown): string[] {
  try {
    parseScenario(source);
    return [];
  } catch (error) {
    if (!(error instanceof Mistakes)) throw error;
    return error.message.split('\n');
  }
}
