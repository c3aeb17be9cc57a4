/** What an agent and the threads that probe for it tell each other. */
import type { RegionAddresses } from '../../contract/check.ts';
import type { EnvironmentOptions } from '../environment.ts';
import type { Planned, Unnumbered } from '../record.ts';

/** With what a thread begins. */
export type Start = {
  readonly vantage: string;
  /** What can be handed to another thread: the CA as it is now. */
  readonly environment: Omit<EnvironmentOptions, 'ca'> & { readonly ca: string | null };
  /** By how much the agent's timeline is ahead of the kernel's monotonic clock, in milliseconds. */
  readonly aheadMs: number;
};

export type ToThread =
  | { readonly type: 'reconcile'; readonly owner: string; readonly plans: readonly Planned[] }
  | { readonly type: 'regions'; readonly regions: RegionAddresses }
  | { readonly type: 'ca'; readonly ca: string | null }
  | { readonly type: 'stop'; readonly graceMs: number };

export type FromThread =
  | {
      readonly type: 'results';
      readonly results: readonly Unnumbered[];
      /** No result older than this will follow. */
      readonly throughMs: number;
      readonly running: number;
    }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly fields: object;
      readonly message: string;
    }
  | { readonly type: 'stopped' };
