import type { Clock } from '../../../contract/clock.ts';
import type { AwsPlace } from '../../account.ts';
import type { Turn } from './call.ts';
import { pace } from './pace.ts';

/** Route 53 allows an account five requests a second over the whole API. */
const requestsPerSecond = 5;

type Sdk = typeof import('@aws-sdk/credential-providers');
type Credentials = ReturnType<Sdk['fromTemporaryCredentials']>;
/** What tells whose account it is, once a client has its credentials. */
type Signing = { readonly config: { readonly credentials: () => Promise<{ readonly accountId?: string }> } };

/** How AWS is reached: shared by all zones, regions and roles, so that one account is asked at one pace. */
export type AwsSession = {
  readonly clock: Clock;
  /** What a client is made of; endpoints and, without a role, credentials come from AWS's own variables. */
  configOf(place: AwsPlace): Promise<{
    readonly region: string;
    readonly maxAttempts: 1;
    readonly credentials?: Credentials;
  }>;
  /** The turns of the account that a client signs for. */
  turnOf(place: AwsPlace, client: Signing): Turn;
};

export function awsSession(clock: Clock): AwsSession {
  const roles = new Map<string, Credentials>();
  const paces = new Map<string, Turn>();

  async function assuming(role: string): Promise<Credentials> {
    const known = roles.get(role);
    if (known !== undefined) return known;
    const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
    const made = fromTemporaryCredentials({ params: { RoleArn: role, RoleSessionName: 'blackstart' } });
    roles.set(role, made);
    return made;
  }

  function paceOf(account: string): Turn {
    const known = paces.get(account);
    if (known !== undefined) return known;
    const made = pace(requestsPerSecond, clock);
    paces.set(account, made);
    return made;
  }

  return {
    clock,
    async configOf({ region, role }) {
      const credentials = role === null ? {} : { credentials: await assuming(role) };
      return { region, maxAttempts: 1, ...credentials };
    },
    turnOf({ role }, client) {
      let account = role === null ? undefined : accountOf(role);
      return async (signal) => {
        account ??= await ownAccount(client);
        await paceOf(account)(signal);
      };
    },
  };
}

/** `arn:aws:iam::123456789012:role/drills`. */
function accountOf(role: string): string | undefined {
  return role.split(':')[4] || undefined;
}

/** Static keys do not say whose they are, unless AWS_ACCOUNT_ID does: all such share one pace. */
async function ownAccount({ config }: Signing): Promise<string> {
  const own = 'own';
  try {
    return (await config.credentials()).accountId ?? own;
  } catch {
    // The request itself will say what is wrong with the credentials.
    return own;
  }
}
