/** Who is told how a drill goes, as a scenario says it. */
import type { SecretReference } from '../contract/secret.ts';

/** In the order in which they come. A drill that ends otherwise than it was meant to is `restored` too, or it is not. */
export const noticeKinds = ['planned', 'injecting', 'failed-over', 'restored', 'not-restored'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export type NotifyPlan = { readonly on: readonly NoticeKind[] } & (
  | { readonly kind: 'webhook' | 'slack' | 'alertmanager'; readonly url: string | SecretReference }
  | { readonly kind: 'pagerduty'; readonly url: string | SecretReference; readonly routingKey: SecretReference }
);

type On = { readonly on?: readonly NoticeKind[] };
/** A URL that is itself a secret, as Slack's are, is named by where it is. */
type Url = string | { readonly url: string | SecretReference };

/** As users write it. */
export type NotifySource = {
  readonly notify?: readonly (On &
    (
      | { readonly webhook: Url }
      | { readonly slack: Url }
      /** Without `/api/v2/alerts`, which is put behind its path. */
      | { readonly alertmanager: Url }
      | { readonly pagerduty: { readonly routingKey: SecretReference; readonly url?: string } }
    ))[];
};
