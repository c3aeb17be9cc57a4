import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { isObject } from '../../../contract/json.ts';
import { sentenceOf, Trouble, type TroubleKind } from '../../trouble.ts';

const kinds: Readonly<Record<string, TroubleKind>> = {
  NoSuchHostedZone: 'missing',
  NoSuchHealthCheck: 'missing',
  InvalidInput: 'wrong-input',
  InvalidClientTokenId: 'wrong-input',
  SignatureDoesNotMatch: 'wrong-input',
  ExpiredToken: 'wrong-input',
  CredentialsProviderError: 'wrong-input',
  AccessDenied: 'forbidden',
  AccessDeniedException: 'forbidden',
  Throttling: 'unreachable',
  ThrottlingException: 'unreachable',
};

/** All that reading asks of an account. */
const neededRights =
  'route53:GetHostedZone and route53:ListResourceRecordSets on the zone, route53:ListHealthChecks and route53:GetHealthCheckStatus';

/** One sentence on what Route 53 was asked for and why there is no answer. */
export function zoneTrouble(error: unknown, asked: string, zoneId: string): Trouble {
  const place = `Route 53, zone ${zoneId}: ${asked}`;
  if (error instanceof DeadlineExceeded) {
    return new Trouble('unreachable', `${place}: no answer within ${error.limitMs / 1_000} s`, { cause: error });
  }
  const name = nameOf(error);
  const kind = kinds[name] ?? 'unreachable';
  if (kind === 'forbidden') {
    const sentence = `${place}: these credentials may not (${name}). Reading needs ${neededRights}: ${sentenceOf(error)}`;
    return new Trouble(kind, sentence, { cause: error });
  }
  return new Trouble(kind, `${place}: ${sentenceOf(error)}${name === '' ? '' : ` (${name})`}`, { cause: error });
}

/** Whether a trouble of `zoneTrouble` is that the account makes more requests than it may. */
export function isThrottled(error: unknown): boolean {
  return error instanceof Trouble && nameOf(error.cause).startsWith('Throttling');
}

function nameOf(error: unknown): string {
  return isObject(error) && typeof error['name'] === 'string' ? error['name'] : '';
}
