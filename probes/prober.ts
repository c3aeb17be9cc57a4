/** The seam of a prober: what it is given, and what it gives back. */
import type { Socket } from 'node:net';
import type { Check, CheckKind } from '../contract/check.ts';
import type { Clock } from '../contract/clock.ts';
import { DeadlineExceeded } from '../contract/deadline.ts';
import type { FailedAt, Observation, PhaseName } from '../contract/result.ts';
import type { Dialer } from './dialer.ts';
import type { Ending } from './ending.ts';
import type { KeptConnection } from './http/kept.ts';
import type { Pinger } from './icmp/pinger.ts';
import type { TargetLimits } from './limits.ts';
import type { Resolver } from './resolver.ts';
import type { SecretStore } from './secrets.ts';

export type ProbeContext = {
  readonly clock: Clock;
  readonly resolver: Resolver;
  readonly dialer: Dialer;
  /** When the attempt's time is up (reason: `DeadlineExceeded`) or when the agent stops (any other reason). */
  readonly ending: Ending;
  /** The region whose endpoint has this address; `null` where nobody knows. */
  readonly regionOf: (address: string) => string | null;
  /** The connection to use and keep, where the attempt is a pooled one. */
  readonly kept?: KeptConnection;
  /** Where the agent does not go; absent: anywhere. The dialer obeys it by itself; whoever sends otherwise asks it first. */
  readonly limits?: TargetLimits | undefined;
  /** How round trips are measured here; absent: every one finds that out for itself. */
  readonly pinger?: Pinger | undefined;
  /** Absent where a check can have no secrets. */
  readonly secrets?: SecretStore | undefined;
  /**
   * Closes a connection that is done with, a moment later and together with others: each close alone would wake its
   * target. Absent: the prober closes it.
   */
  readonly letGo?: (socket: Socket) => void;
  /** The attempt's span, for those who are asked; absent where there is none or they are told nothing. */
  readonly traceparent?: string | undefined;
};

/** Makes exactly one attempt. Obeys `ending`. Resolves for every failure of the target. */
export type Prober<K extends CheckKind> = (check: Check<K>, context: ProbeContext) => Promise<Observation>;

/** Where an attempt stopped and why: one sentence, got and want. */
export type Failure = { readonly failedAt: FailedAt; readonly reason: string };

/** What failed belongs to the phase in which it failed. */
export const stageOf: { readonly [P in PhaseName]: FailedAt } = {
  resolve: 'resolve',
  connect: 'connect',
  tls: 'tls',
  firstByte: 'answer',
  transfer: 'answer',
};

/** Why the agent gave up on attempts when it was told to stop: no fault of their targets. */
export class Stopping extends Error {
  constructor() {
    super('the agent is stopping');
    this.name = 'Stopping';
  }
}

/** What an abort in `phase` says: the target's timeout, or our own stopping, which is never the target's fault. */
export function failureOfAbort(signal: Pick<Ending, 'reason'>, phase: PhaseName): Failure {
  const cause: unknown = signal.reason;
  return cause instanceof DeadlineExceeded
    ? { failedAt: stageOf[phase], reason: `${labels[phase]}: got nothing, want it within ${cause.limitMs} ms` }
    : { failedAt: 'agent', reason: `cut short: ${cause instanceof Error ? cause.message : 'aborted'}` };
}

const labels: { readonly [P in PhaseName]: string } = {
  resolve: 'name',
  connect: 'connection',
  tls: 'TLS handshake',
  firstByte: 'first byte',
  transfer: 'whole answer',
};

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED` and the like, in words where the bare code has none. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // OpenSSL's errors carry their words in `reason`; the message around it names source files.
  const { code, reason } = error as NodeJS.ErrnoException & { readonly reason?: unknown };
  const words = code === undefined ? undefined : knownErrors[code];
  return words ?? (typeof reason === 'string' && reason !== '' ? reason : error.message).slice(0, maxReasonLength);
}

/** Sockets or addresses of this machine ran out, or are not there: the agent's own trouble. */
export function isOwnTrouble(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && ownErrors.has(code);
}

const ownErrors: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EACCES']);

const knownErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed by the other side',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  EADDRNOTAVAIL: 'the source address is not of this machine, or no port is free',
};

/** Texts that a target made are cut to this, so that no answer can fill the spool. */
export const maxReasonLength = 300;
const maxValueLength = 200;

/** A value that came from a target, fit for a reason or a detail. */
export function shown(value: string): string {
  return value.length > maxValueLength ? `${value.slice(0, maxValueLength)}…` : value;
}
