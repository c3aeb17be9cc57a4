/** What is told of a drill: the same for everybody, before it is put in anybody's format. */
import type { NoticeKind } from '../../scenarios/notify.ts';

/** Who a notice is of. */
export type NoticeOf = {
  readonly drill: string;
  readonly name: string;
  readonly scenario: string;
  readonly region: string;
  readonly fault: string;
};

export type Notice = NoticeOf & {
  readonly kind: NoticeKind;
  /** Epoch milliseconds, by the wall: receivers compare it with theirs. */
  readonly atMs: number;
  readonly by: 'runner' | 'restorer' | 'recover';
  /** One sentence. */
  readonly text: string;
};

/** Somebody who is told, with the secrets that it takes. */
export type NotifyTarget = {
  readonly kind: 'webhook' | 'slack' | 'alertmanager' | 'pagerduty';
  readonly url: string;
  /** PagerDuty's. */
  readonly routingKey: string | null;
  readonly on: readonly NoticeKind[];
};
