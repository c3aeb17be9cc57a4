import type { Json } from './json.ts';

/** In the order an attempt goes through them. An attempt that stopped has no later phase: not zero, absent. */
export const phaseNames = ['resolve', 'connect', 'tls', 'firstByte', 'transfer'] as const;
export type PhaseName = (typeof phaseNames)[number];
/** Milliseconds each. The phases of one attempt add up to its duration. */
export type Phases = { readonly [P in PhaseName]?: number };

export type FailedAt = 'resolve' | 'connect' | 'tls' | 'answer' | 'agent';
export type Blame = 'target' | 'region' | 'path' | 'resolver' | 'vantage';
export type Outcome = 'good' | 'bad' | 'missing';
export type MissingReason =
  | 'shed'
  | 'agent-gone'
  | 'bad-sample'
  | 'dropped'
  | 'not-yet-assigned'
  /** It was sent to an aggregator that never came back to say whether it counted it. */
  | 'aggregator-lost';

/** Whether the attempt opened its own connection, or used the one that was open before. */
export type ClientClass = 'fresh' | 'pooled';

/** What an attempt showed, beside its outcome. Absent where the kind of check has no such fact. */
export type Details = {
  /** The address asked, `127.1.0.1:40443`. */
  readonly address?: string;
  readonly status?: number;
  readonly storedIn?: string;
  /** What the service calls this request: ties a refusal to its log record. */
  readonly requestId?: string;
  /** Addresses answered, in the order of the answer. */
  readonly answers?: readonly string[];
  /** Smallest TTL of the answer, whole seconds. */
  readonly ttlSeconds?: number;
  /** EDNS scope prefix length of the answer. */
  readonly scopeLength?: number;
  /** Who was asked, `127.0.0.53:40153`. */
  readonly server?: string;
  readonly rcode?: string;
  readonly userCountry?: string;
  /** Of a residency check: somebody was served, or stored, where a rule forbids it, or the answer does not say where. */
  readonly leak?: true;
  /** Of a pooled attempt: a number for its connection, and when that was opened, on the agent's clock. */
  readonly connection?: number;
  readonly connectedAtMs?: number;
  /** Of the trace that the attempt is in, where one is written out. */
  readonly traceId?: string;
  readonly extra?: { readonly [key: string]: Json };
};

/** One try, and what it showed: a value, also when it failed. Throwing is for our own bugs. */
export type Observation = {
  /** A prober says `good` or `bad`, or `missing` when the trouble was its own (`failedAt: 'agent'`). */
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly phases: Phases;
  /** Present if and only if the outcome is not `good`. */
  readonly failedAt?: FailedAt;
  /** One sentence, got and want: `status: got 503, want 200`. Present with `failedAt`. */
  readonly reason?: string;
  /** The region asked, or that the address led to; `null` where nobody knows. */
  readonly region: string | null;
  /** Who says that it answered; `null` without an answer or without a name. */
  readonly servedBy: string | null;
  readonly details: Details;
};

/** How much the sample can be trusted. A bad sample is `missing`, not `bad`. */
export type Quality = {
  /** By how much the attempt began after its due time. */
  readonly lateMs: number;
  /** The worst event-loop delay while the attempt ran. */
  readonly loopDelayMs: number;
};

/** An observation with who asked, when, and its number. */
export type Result = Observation & {
  /** 1, 2, 3, … per boot of an agent, without holes. */
  readonly seq: number;
  /** The check's id. */
  readonly check: string;
  /** `floor(start / interval)` on the agent's timeline. */
  readonly round: number;
  /** On the agent's timeline. */
  readonly startMs: number;
  readonly client: ClientClass;
  /** The burst that asked for it; `null` for ordinary rounds. */
  readonly burst: string | null;
  readonly quality: Quality;
  /** Why it is missing; present if and only if the outcome is `missing`. */
  readonly missing?: MissingReason;
};
