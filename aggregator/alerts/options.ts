import type { AlertLabels } from './alert.ts';

/** Who is told of alerts. Each is told all of them: Alertmanagers of one cluster agree among themselves. */
export type AlertmanagerOptions = {
  /** Of its metrics. */
  readonly name: string;
  /** `/api/v2/alerts` is put behind its path. */
  readonly url: string;
  /** What `Authorization` says, asked before every request; `null`: nothing. */
  readonly authorization: (() => string) | null;
  /** Put on every alert for it. */
  readonly labels: AlertLabels;
  readonly timeoutMs: number;
};
