/** What the link needs of the rest of the aggregator. */
import type { BurstRequest } from '../../contract/api.ts';
import type { Assignment } from '../../contract/check.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import type { Complain } from '../complaints.ts';
import type { Committer } from './committer.ts';
import type { Held } from './hold.ts';
import type { Agent, Roster } from './roster.ts';
import type { Sequences } from './sequences.ts';

export type LinkHost = {
  readonly clock: Clock;
  readonly log: Log;
  readonly complain: Complain;
  readonly roster: Roster;
  readonly sequences: Sequences;
  readonly committer: Committer;
  assignment(): Assignment;
  /** Bursts that run now. */
  bursts(): readonly BurstRequest[];
  readonly counts: LinkCounts;
  onConnected(agent: Agent): void;
  /** The agent has said which of its rounds are ours. */
  onHeld(agent: Agent, before: Held): void;
  onClockRestart(vantage: string): void;
};

export type LinkCounts = {
  frame(type: string): void;
  refused(code: number): void;
  repeated(results: number): void;
};
