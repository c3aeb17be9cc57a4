/** Secrets as the agent resolves them: an assignment only says where they are. */
import type { SecretReference } from '../contract/secret.ts';

export type SecretStore = {
  /** The secret as it is now. Rejects with one sentence, which names the reference and never the secret. */
  read(reference: SecretReference): Promise<string>;
};
