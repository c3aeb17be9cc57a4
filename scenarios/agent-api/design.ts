/** The numbers of the design, once. */

export const regionNames = ['us-east-1', 'eu-west-1', 'ap-southeast-1'] as const;
export type RegionName = (typeof regionNames)[number];

type RegionDesign = {
  readonly jurisdiction: string;
  /** Percent. */
  readonly share: number;
  readonly apiPods: number;
  readonly workerPods: number;
  /** p95 of a whole fresh request from the region's own users. */
  readonly latencyLimitMs: number;
  /** Where the region's own users, its vantage and its resolver are. */
  readonly place: string;
};

export const regions: Readonly<Record<RegionName, RegionDesign>> = {
  'us-east-1': { jurisdiction: 'US', share: 60, apiPods: 10, workerPods: 20, latencyLimitMs: 100, place: 'toronto' },
  'eu-west-1': { jurisdiction: 'EU', share: 30, apiPods: 6, workerPods: 12, latencyLimitMs: 200, place: 'frankfurt' },
  'ap-southeast-1': { jurisdiction: 'AP', share: 10, apiPods: 4, workerPods: 8, latencyLimitMs: 250, place: 'mumbai' },
};

export const zoneName = 'agent.test';
export const names = { entry: 'api.agent.test', global: 'global.agent.test', standby: 'standby.agent.test' } as const;

/** The cities that the entry name is asked for, and the regions that it has to lead them to. */
export const routing: Readonly<Record<string, RegionName>> = {
  'new-york': 'us-east-1',
  london: 'eu-west-1',
  singapore: 'ap-southeast-1',
};
