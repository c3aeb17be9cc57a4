import type { Status, Verdict } from '../../contract/verdict.ts';

/** Verdicts are made at 95 %. */
export const alpha = 0.05;

/** What an indicator says of the facts; the rest of the verdict is the same for all. */
export type Reading = Pick<Verdict, 'measured' | 'target' | 'n' | 'interval' | 'needed' | 'could'> & {
  readonly status: Status;
  readonly because: string;
};
