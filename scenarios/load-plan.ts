/** The load that a drill runs under. */

export type LoadPlan = {
  /** One of ours (`steady.ts`), or a path as seen from the scenario's folder. */
  readonly script: string;
  /** A key of the scenario's `entry`: the script is told its URL. */
  readonly entry: string;
  readonly path: string;
  /** At most so many at a time. */
  readonly users: number;
  /** Requests in a second; `null`: as the script has it. */
  readonly ratePerSecond: number | null;
  /** `null`: for as long as the drill may take. */
  readonly forMs: number | null;
  /** Variables of the script's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Metric to k6's expressions: `{ http_req_failed: ['rate<0.05'] }`. */
  readonly thresholds: Readonly<Record<string, readonly string[]>>;
  /** `address:port` to ask for addresses; `null`: whom the machine asks. */
  readonly resolver: string | null;
  /** A file of certificates to trust, as seen from the scenario's folder; `null`: those of the machine. */
  readonly ca: string | null;
  /** The address that connections come from; `null`: as the machine chooses. */
  readonly sourceAddress: string | null;
};

/** The scripts that come with us. */
export const ownScripts = ['steady.ts', 'spike.ts', 'thousand-users.ts'] as const;
