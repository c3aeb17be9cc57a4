/** Containers that really run: processes of whoever put the cluster up, which alone knows how to start one. */

export type ContainerPlan = {
  readonly pod: string;
  readonly namespace: string;
  /** Of its image's program. */
  readonly args: readonly string[];
  /** Of its own, with the values that it refers to. */
  readonly env: Readonly<Record<string, string>>;
  /** A kubeconfig for this cluster and the pod's ServiceAccount. */
  readonly kubeconfig: string;
};

export type RunningContainer = {
  /** Its exit code; `null` when it was ended by a signal, or never began. */
  readonly ended: Promise<number | null>;
  /** Asks it to end, and insists after `graceMs`. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
};

export type Containers = {
  start(plan: ContainerPlan): RunningContainer;
  /** After it failed once it is started again this much later, then after twice as long each time, up to 30 times as long. */
  readonly restartMs: number;
};
