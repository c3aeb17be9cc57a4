/** Who is told of alerts, as a scenario says it. */
import type { SecretReference } from '../contract/secret.ts';

export type AlertmanagerPlan = {
  readonly name: string;
  readonly url: string;
  readonly token: SecretReference | null;
  readonly basicAuth: { readonly username: string; readonly password: SecretReference } | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
};

/** As users write it. */
export type AlertmanagersSource = {
  /** Each is told all alerts, the members of a cluster too: they agree among themselves who notifies. */
  readonly alertmanagers?: readonly {
    /** Of its metrics; its host by default. */
    readonly name?: string;
    /** Without `/api/v2/alerts`, which is put behind its path. */
    readonly url: string;
    /** Sent as a bearer token. This or `basicAuth`. */
    readonly token?: SecretReference;
    readonly basicAuth?: { readonly username: string; readonly password: SecretReference };
    /** Put on every alert; the same for all members of a cluster. */
    readonly labels?: { readonly [name: string]: string };
    /** 10s by default. */
    readonly timeout?: string;
  }[];
};
