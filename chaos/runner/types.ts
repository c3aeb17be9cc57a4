import type { Bounds } from '../../contract/bounds.ts';
import type { Clock } from '../../contract/clock.ts';
import type { DrillPhase, DrillReport } from '../../contract/drill.ts';
import type { Log } from '../../contract/log.ts';
import type { Random } from '../../contract/random.ts';
import type { SwitchboardPlan } from '../../scenarios/faults.ts';
import type { DrillPlan, KubernetesPlan, Scenario } from '../../scenarios/scenario.ts';
import type { Account } from '../account.ts';
import type { Fleet } from '../aggregator-client.ts';
import type { CanaryAccess } from '../canaries/ask.ts';
import type { Cluster } from '../cluster.ts';
import type { Refusal } from '../guard.ts';
import type { LoadProgram } from '../load.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { Switchboard } from '../switchboard.ts';
import type { ZoneReader } from '../zone-reader.ts';
import type { Keep } from './keep.ts';

/** What a runner tells while it works, as it happens. */
export type Progress =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'prediction'; readonly text: string }
  | { readonly kind: 'phase'; readonly drill: string; readonly phase: DrillPhase }
  /** A stage was seen for the first time: milliseconds after t0, or in failback after the call of restore. */
  | {
      readonly kind: 'stage';
      readonly where: 'failover' | 'failback';
      readonly entry: string;
      readonly vantage: string;
      readonly client: string;
      readonly stage: string;
      readonly bounds: Bounds;
    }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

/** A region's switchboard, as the scenario names it. Opens no connection. */
export type OpenSwitchboard = (region: string, plan: SwitchboardPlan) => Switchboard;

/** What a runner works with. */
export type RunnerDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly fleet: Fleet;
  readonly openCluster: (plan: KubernetesPlan) => Promise<Cluster>;
  readonly openSwitchboard: OpenSwitchboard;
  /** `null` where the scenario names no zone. */
  readonly zone: ZoneReader | null;
  /** What runs the drill's load; absent where it has none. */
  readonly load?: LoadProgram;
  /** The cloud account; absent where none is reached. */
  readonly account?: Account;
  /** Ctrl-C. It stops the drill; it never stops the mending. */
  readonly interrupt: AbortSignal;
  readonly progress: (event: Progress) => void;
  /** What numbered writes go through, and their secrets; by default over real connections, and secrets of files alone. */
  readonly canaries?: CanaryAccess;
  /** Who is told how it goes; absent: nobody. */
  readonly notify?: Notifier;
  /** Where journal and evidence go; by default to the disk. */
  readonly keep?: Keep;
};

export type DrillOptions = {
  readonly scenario: Scenario;
  readonly drill: DrillPlan;
  /** Evidence goes to `<dir>/<drill id>/`. */
  readonly evidenceDir: string;
  readonly version: string;
};

/** How a run came out. Of several exits the first in 5, 1, 3, 4, 0. */
export type Outcome = {
  readonly report: DrillReport;
  readonly exit: 0 | 1 | 2 | 3 | 4 | 5 | 130;
  readonly refusals: readonly Refusal[];
  /** Where the evidence is, of a refusal too; `null` where none could be kept of one. */
  readonly evidence: string | null;
  /** The report as a page. */
  readonly html: string | null;
};
