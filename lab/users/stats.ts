import type { Population } from '../../scenarios/world.ts';
import type { UserAnswer } from './session.ts';

/** What the users of one population have lived through. */
export type PopulationStats = {
  readonly country: string;
  readonly place: string;
  readonly hostname: string;
  readonly requests: number;
  /** Requests that had no answer: not resolved, not connected, cut off or too slow. */
  readonly failed: number;
  /** Status code to number of answers. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Region to number of answers by its pods. */
  readonly servedBy: Readonly<Record<string, number>>;
  readonly connections: number;
  readonly resolutions: number;
};

/** What is counted of one population, by its users, as it happens. */
export type Tally = {
  count(what: 'requests' | 'failed' | 'connections' | 'resolutions'): void;
  answered(answer: UserAnswer): void;
  stats(): PopulationStats;
};

export function tally({ country, place, hostname }: Population): Tally {
  const counts = { requests: 0, failed: 0, connections: 0, resolutions: 0 };
  const statuses: Record<string, number> = {};
  const servedBy: Record<string, number> = {};
  const add = (to: Record<string, number>, key: string): void => {
    to[key] = (to[key] ?? 0) + 1;
  };
  return {
    count: (what) => add(counts, what),
    answered(answer) {
      add(statuses, String(answer.status));
      if (answer.servedBy !== null) add(servedBy, answer.servedBy);
    },
    stats: () => ({ country, place, hostname, ...counts, statuses: { ...statuses }, servedBy: { ...servedBy } }),
  };
}
