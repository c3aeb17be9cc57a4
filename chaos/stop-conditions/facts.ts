/** What decides whether a drill may go on: read by its runner, judged by pure functions. */
import type { DrillPhase } from '../../contract/drill.ts';
import type { SubjectHealth } from '../guard/facts.ts';
import type { BurnReading } from './burn.ts';

/** In the order in which they are asked: the first that holds is the one that is told. */
export const stopNames = [
  'stop.interrupted',
  'stop.lease-lost',
  'stop.asked',
  'stop.by-hand',
  'stop.residency-leak',
  'stop.second-region',
  'stop.replicas-changed',
  'stop.fault-ended',
  'stop.burn',
  'stop.restorer-silent',
  'stop.cluster-lost',
  'stop.fleet-lost',
  'stop.deadline',
  'stop.journal',
] as const;
export type StopName = (typeof stopNames)[number];

export type LeaseFacts = {
  /** Who took it, in a sentence; `null` while it is this runner's. */
  readonly lost: string | null;
  /** The reason that `drill stop` left on it. */
  readonly asked: string | null;
  readonly durationMs: number;
  readonly silentForMs: number;
  /** `null` while the restorer has not been seen alive. */
  readonly restorerSilentForMs: number | null;
};

export type StopFacts = {
  readonly phase: DrillPhase;
  /** The region taken away. */
  readonly region: string;
  readonly interrupted: boolean;
  /** `null` before there is one. */
  readonly lease: LeaseFacts | null;
  /** What somebody wrote on the workloads by hand, in a sentence. */
  readonly byHand: string | null;
  /** Users served or stored where a rule forbids it, in a sentence; `null` too where the drill does not ask for it. */
  readonly leak: string | null;
  /** Replicas that are neither as they were nor as the drill set them, in a sentence. */
  readonly replicas: string | null;
  /** Why the target has ended the fault by itself, in a sentence. */
  readonly ended: string | null;
  /** How regions were seen lately, by scheduled checks and by the drill's own burst. */
  readonly regions: readonly SubjectHealth[];
  /** How the region taken away was seen lately by scheduled checks; `undefined` where none asks it. */
  readonly own: SubjectHealth | undefined;
  readonly burns: readonly BurnReading[];
  readonly fleetSilentForMs: number;
  readonly fleetLimitMs: number;
  /** `null` before the injection. */
  readonly sinceInjectionMs: number | null;
  readonly deadlineMs: number;
  /** Why the journal can no longer be written. */
  readonly journal: string | null;
};

export type Stop = { readonly name: StopName; readonly because: string };
