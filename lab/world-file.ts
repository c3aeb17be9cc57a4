/** `world.json`: where everything in a running lab is, for people and for tests from outside. INTERFACES fixes the names. */
export type WorldFile = {
  readonly world: string;
  readonly profile: string;
  readonly factor: number;
  readonly seed: number;
  readonly aggregator: { readonly url: string; readonly writeToken: string; readonly readToken: string | null };
  readonly kubeconfig: string;
  readonly caFile: string;
  readonly route53: { readonly endpoint: string; readonly hostedZoneId: string; readonly region: string };
  readonly names: { readonly entry: string; readonly global: string; readonly standby: string };
  readonly nameservers: readonly string[];
  readonly resolvers: Readonly<Record<string, string>>;
  readonly regions: Readonly<Record<string, WorldRegion>>;
  readonly geography: Readonly<
    Record<string, { readonly subnet: string; readonly country: string; readonly continent: string }>
  >;
  readonly scenario: string;
  readonly truth: string;
  readonly evidence: string;
};

export type WorldRegion = {
  readonly url: string;
  readonly address: string;
  readonly inventoryUrl: string;
  readonly metricsUrl: string;
  readonly logUrl: string;
  readonly context: string;
  readonly namespace: string;
  readonly workloads: readonly string[];
};
