import type { Profile } from '../world.ts';

export const drillNames = { us: 'lose-us-east-1', eu: 'lose-eu-west-1' } as const;

/** Failover, hold and failback take less than this many limits. */
const limitsInDrill = 10;

/** The drills as a scenario has them. The burst's length is a bound: the runner ends it with the drill. */
export function drills(profile: Profile): readonly object[] {
  const limit = `${profile.limitMs}ms`;
  const common = {
    burst: { every: `${profile.burstEveryMs}ms`, for: `${profile.limitMs * limitsInDrill}ms` },
    lease: `${profile.leaseMs}ms`,
    hold: `${profile.holdMs}ms`,
  };
  return [
    {
      name: drillNames.us,
      fault: { 'scale-to-zero': 'us-east-1' },
      expect: [
        { entry: 'api', servedBy: ['eu-west-1'], within: limit, failback: limit, residency: 'holds' },
        { entry: 'standby', servedBy: ['eu-west-1'], within: limit, failback: limit },
      ],
      ...common,
      schedule: '0 10 1 * *',
      canaries: canaries(profile),
    },
    {
      name: drillNames.eu,
      fault: { 'scale-to-zero': 'eu-west-1' },
      expect: [{ entry: 'api', servedBy: [], within: limit, failback: limit, residency: 'holds' }],
      ...common,
      schedule: '0 11 1 * *',
    },
  ];
}

/**
 * Of a user whom no residency rule names: they may be anywhere. Through the standby's name alone, whose answer does not
 * hang on where the runner is.
 */
function canaries(profile: Profile): object {
  const at = '/v1/ledger';
  return {
    write: { http: { path: at, body: '{"id":"{id}","seq":{seq}}' } },
    read: { http: { path: `${at}/blackstart-{drill}-` }, items: '$.entries[*]' },
    erase: { http: { path: `${at}/blackstart-{drill}-*` } },
    entries: ['standby'],
    userCountry: 'BR',
    resolver: 'authorities',
    rpo: `${rpoMs / profile.factor}ms`,
  };
}

/** The design does not say. */
const rpoMs = 90_000;

/** The drills that a row is made from. */
export function drillsFor(rowId: string): readonly string[] {
  switch (rowId) {
    case 'failover.active-active':
    case 'failover.active-passive':
      return [drillNames.us];
    case 'failover.eu-dark':
      return [drillNames.eu];
    case 'failover.residency':
      return [drillNames.us, drillNames.eu];
    default:
      return [];
  }
}
