import type { Bounds } from '../../contract/bounds.ts';

/** Where a drill is. Each variant carries only what is true then. */
export type Drill =
  | { readonly phase: 'baseline' }
  /** The call is on its way: from here on every road leads through `restoring`. */
  | { readonly phase: 'injecting' }
  | { readonly phase: 'failing-over'; readonly t0: Bounds }
  | { readonly phase: 'holding'; readonly t0: Bounds }
  | { readonly phase: 'restoring'; readonly t0: Bounds; readonly stopped: string | null }
  | {
      readonly phase: 'failing-back';
      readonly t0: Bounds;
      readonly restoreCalled: Bounds;
      readonly stopped: string | null;
    }
  | { readonly phase: 'over'; readonly ending: Ending };

export type Ending =
  /** Nothing was ever touched. */
  | { readonly kind: 'untouched'; readonly because: string }
  | {
      readonly kind: 'restored';
      readonly t0: Bounds;
      readonly restoreCalled: Bounds;
      readonly stopped: string | null;
    }
  /** Restoring was tried to its bound, or is another's: a person has to look. */
  | { readonly kind: 'not-restored'; readonly t0: Bounds; readonly because: string };

export type DrillEvent =
  | { readonly type: 'baseline-seen' }
  | { readonly type: 'injected'; readonly t0: Bounds }
  /** `t0`: when it may have taken effect, if it did. */
  | { readonly type: 'injection-failed'; readonly t0: Bounds; readonly because: string }
  | { readonly type: 'failed-over' }
  /** The limit on failing over passed. */
  | { readonly type: 'gave-up-waiting' }
  | { readonly type: 'held' }
  | { readonly type: 'stop'; readonly because: string }
  | { readonly type: 'restored'; readonly called: Bounds }
  | { readonly type: 'restore-failed'; readonly because: string }
  | { readonly type: 'failed-back' };

export const beginning: Drill = { phase: 'baseline' };
