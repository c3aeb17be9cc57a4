import { DeadlineExceeded } from '../../../contract/deadline.ts';
import { isObject } from '../../../contract/json.ts';
import { sentenceOf, Trouble, type TroubleKind } from '../../trouble.ts';

/** By the names that AWS gives its errors. What is not here is taken for an outage, and may be tried again. */
const kinds: Readonly<Record<string, TroubleKind>> = {
  NoSuchHostedZone: 'missing',
  NoSuchHealthCheck: 'missing',
  NoSuchChange: 'missing',
  ClusterNotFoundException: 'missing',
  ServiceNotFoundException: 'missing',
  ResourceNotFoundException: 'missing',
  InvalidInput: 'wrong-input',
  InvalidParameterException: 'wrong-input',
  ValidationException: 'wrong-input',
  ClientException: 'wrong-input',
  InvalidClientTokenId: 'wrong-input',
  SignatureDoesNotMatch: 'wrong-input',
  ExpiredToken: 'wrong-input',
  ExpiredTokenException: 'wrong-input',
  UnrecognizedClientException: 'wrong-input',
  CredentialsProviderError: 'wrong-input',
  AccessDenied: 'forbidden',
  AccessDeniedException: 'forbidden',
  // The zone, a schedule's name or a service is not as we read it: somebody else was there.
  InvalidChangeBatch: 'taken',
  ConflictException: 'taken',
  ServiceNotActiveException: 'taken',
  ServiceQuotaExceededException: 'rejected',
  Throttling: 'unreachable',
  ThrottlingException: 'unreachable',
  PriorRequestNotComplete: 'unreachable',
};

/** One sentence on what AWS was asked for and why there is no answer. `place`: `ECS in eu-west-1`. */
export function awsTrouble(error: unknown, asked: string, place: string): Trouble {
  const where = `${place}: ${asked}`;
  if (error instanceof DeadlineExceeded) {
    return new Trouble('unreachable', `${where}: no answer within ${error.limitMs / 1_000} s`, { cause: error });
  }
  const name = nameOf(error);
  const kind = kinds[name] ?? 'unreachable';
  return new Trouble(kind, `${where}: ${sentenceOf(error)}${name === '' ? '' : ` (${name})`}`, { cause: error });
}

/**
 * Whether a trouble of `awsTrouble` is that it was asked too often, or too early: nothing was done, so that a write may
 * be made again as well.
 */
export function isTurnedAway(error: unknown): boolean {
  if (!(error instanceof Trouble)) return false;
  const name = nameOf(error.cause);
  return name.startsWith('Throttling') || name === 'PriorRequestNotComplete';
}

function nameOf(error: unknown): string {
  return isObject(error) && typeof error['name'] === 'string' ? error['name'] : '';
}
