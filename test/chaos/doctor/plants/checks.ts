/** Health checks. */
import type { ZoneFacts } from '../../../../chaos/doctor/zone.ts';
import { check, eu, facts, pair, us } from '../shop.ts';
import { led, ofUs, type Plant, reports, usCheck } from './plant.ts';

function calculated(threshold: number, children: readonly string[]): Partial<ZoneFacts> {
  const all = {
    id: 'all',
    type: 'CALCULATED',
    hostname: null,
    healthThreshold: threshold,
    childHealthChecks: children,
  } as const;
  return { healthChecks: [check(us), check(eu), check(us, { id: 'tcp', type: 'TCP' }), check(us, all)] };
}

const byAll = ofUs(pair, { healthCheckId: 'all' });

export const checks: readonly Plant[] = [
  {
    mistake: 'a health check that somebody deleted',
    rule: 'check.missing',
    level: 'problem',
    share: 1,
    says: led('100'),
    make: () => facts(pair, { healthChecks: [check(eu)] }),
  },
  {
    mistake: 'a disabled health check',
    rule: 'check.disabled',
    level: 'problem',
    share: 1,
    says: led('100'),
    make: () => facts(pair, usCheck({ disabled: true })),
  },
  {
    mistake: 'an inverted health check',
    rule: 'check.inverted',
    level: 'problem',
    share: 1,
    says: led('100'),
    make: () => facts(pair, usCheck({ inverted: true })),
  },
  {
    mistake: 'a health check of the other region',
    rule: 'check.wrong-address',
    level: 'problem',
    share: 1,
    says: /asks eu-west-1\.shop\.example, which is eu-west-1: with us-east-1 dark, 100 %/,
    make: () => facts(pair, usCheck({ hostname: 'eu-west-1.shop.example' })),
  },
  {
    mistake: 'a health check of an address that nobody has any more',
    rule: 'check.wrong-address',
    level: 'problem',
    share: 1,
    says: /asks 192\.0\.2\.77, which is no region of the scenario/,
    make: () => facts(pair, usCheck({ ipAddress: '192.0.2.77', hostname: null })),
  },
  {
    mistake: 'a health check of the entry name',
    rule: 'check.entry-name',
    level: 'problem',
    share: 1,
    says: /a name that itself moves: with us-east-1 dark it follows it to eu-west-1 and stays healthy/,
    make: () => facts(pair, usCheck({ hostname: 'api.shop.example' })),
  },
  {
    mistake: 'a health check at port 80, where there is a redirect',
    rule: 'check.wrong-port',
    level: 'problem',
    share: 1,
    says: /it asks port 80, where a redirect counts as healthy: users come to port 443/,
    make: () => facts(pair, usCheck({ type: 'HTTP', port: 80 })),
  },
  {
    mistake: 'a health check that only connects',
    rule: 'check.wrong-type',
    level: 'problem',
    share: 1,
    says: /it only connects: the door of us-east-1 accepts/,
    make: () => facts(pair, usCheck({ type: 'TCP' })),
  },
  {
    mistake: 'a health check without TLS at a door with it',
    rule: 'check.wrong-type',
    level: 'problem',
    share: 1,
    says: /it speaks HTTP where users speak HTTPS/,
    make: () => facts(pair, usCheck({ type: 'HTTP', port: 443 })),
  },
  {
    mistake: 'a dead database behind a green /liveness',
    rule: 'check.liveness',
    level: 'advice',
    share: 0.6,
    says: /asks \/liveness, which a process answers that has lost its database.* 60 % of your users/,
    make: () => facts(pair, usCheck({ path: '/liveness' })),
  },
  {
    mistake: 'a calculated check that needs nobody',
    rule: 'check.threshold',
    level: 'problem',
    share: 1,
    says: /needs 0 healthy children: it is always healthy/,
    make: () => facts(byAll, calculated(0, [`hc-${us}`])),
  },
  {
    mistake: 'a calculated check that needs more than there are',
    rule: 'check.threshold',
    level: 'advice',
    share: 0.6,
    says: /needs 3 healthy children of 2: it is never healthy/,
    make: () => facts(byAll, calculated(3, [`hc-${us}`, 'tcp'])),
  },
  {
    mistake: 'a calculated check that the blind keep up',
    rule: 'check.threshold',
    level: 'problem',
    share: 1,
    says: /needs 1 of 2: 1 children do not see that us-east-1 is dark/,
    make: () => facts(byAll, calculated(1, [`hc-${us}`, 'tcp'])),
  },
  {
    mistake: 'a calculated check of a check that is gone',
    rule: 'check.children',
    level: 'problem',
    share: 1,
    says: /counts 1 health checks that do not exist \(gone\) as healthy/,
    make: () => facts(byAll, calculated(1, [`hc-${us}`, 'gone'])),
  },
  {
    mistake: 'a health check whose path answers 404',
    rule: 'check.unhealthy-now',
    level: 'problem',
    share: 0.4,
    says: /unhealthy already, with nothing dark: 16 of 16 checkers say "Failure: HTTP Status Code 404, Not Found"/,
    make: () => facts(pair, { status: { [`hc-${eu}`]: reports(false, 'Failure: HTTP Status Code 404, Not Found') } }),
  },
];
