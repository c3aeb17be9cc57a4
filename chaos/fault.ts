import type { Bounds } from '../contract/bounds.ts';
import type { Verified } from '../contract/drill.ts';
import type { Json } from '../contract/json.ts';

/**
 * Something we break on purpose and can always mend. The runner journals what `plan` returns before it calls `arm`,
 * and calls `arm` before `inject`. Once `inject` was called, `restore` is, whatever happens in between.
 */
export type Fault<Undo extends Json = Json> = {
  /** `scale-to-zero us-east-1`. */
  readonly name: string;
  readonly blastRadius: readonly string[];
  /** What mending will need. Reads only; refuses what could not be mended. */
  plan(signal: AbortSignal): Promise<Undo>;
  /** The injection as the target would judge it, without effect. */
  rehearse(undo: Undo, signal: AbortSignal): Promise<void>;
  /** Puts the undo record into the target itself. Changes nothing else. */
  arm(undo: Undo, signal: AbortSignal): Promise<void>;
  /** Resolves to when the change began: call sent, first answer that shows it. Rejects when it is cut short. */
  inject(undo: Undo, signal: AbortSignal): Promise<Bounds>;
  /**
   * Idempotent; safe after an injection that failed half-way or never began. Resolves to when the first change was
   * made, `null` when there was none to make.
   */
  restore(undo: Undo, signal: AbortSignal): Promise<Bounds | null>;
  /** What is not as it was. Reads only. */
  remains(undo: Undo, signal: AbortSignal): Promise<Remains>;
  /** Takes the undo record out of the target, once all is mended. */
  disarm(undo: Undo, signal: AbortSignal): Promise<void>;
};

export type Remains = {
  /** Each sentence keeps a drill from being called restored. */
  readonly left: readonly string[];
  /** Changed by somebody else, and not for the worse. */
  readonly notes: readonly string[];
  /** Everything that was looked at, as it was found. */
  readonly verified: readonly Verified[];
  /** So many replicas an autoscaler has taken away after a good restore: their endpoints are not missing. */
  readonly lowered: number;
};
