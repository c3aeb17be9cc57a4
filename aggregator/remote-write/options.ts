import type { Label } from '../metrics/exposition.ts';

/** Where metrics are written to. */
export type RemoteWriteOptions = {
  /** Of its metrics, and of its part of the queue. */
  readonly name: string;
  readonly url: string;
  /** Remote write 1.0 or 2.0. */
  readonly version: 1 | 2;
  readonly headers: Readonly<Record<string, string>>;
  /** Asked before every request, so that a token may be replaced; `null`: none is sent. */
  readonly token: (() => string) | null;
  readonly everyMs: number;
  /** Names of families or samples; empty: everything. */
  readonly keep: readonly string[];
  /** Added to every series: who writes, where several write to one receiver. */
  readonly labels?: readonly Label[];
  /** Histograms as native ones. */
  readonly native: boolean;
  /** Of requests that wait; 256 MiB unless given. */
  readonly maxBytes?: number;
};
