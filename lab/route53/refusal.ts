/** Why a request is not done, as Route 53 says it. Thrown while a request is read, and turned into its answer. */
import { element, type Xml } from './xml.ts';

const statuses = {
  InvalidInput: 400,
  InvalidChangeBatch: 400,
  InvalidDomainName: 400,
  PriorRequestNotComplete: 400,
  HealthCheckInUse: 400,
  TooManyHealthChecks: 400,
  Throttling: 400,
  IncompleteSignature: 400,
  MalformedInput: 400,
  MissingAuthenticationToken: 403,
  NoSuchHostedZone: 404,
  NoSuchHealthCheck: 404,
  NoSuchChange: 404,
  UnknownOperationException: 404,
  HealthCheckAlreadyExists: 409,
  HealthCheckVersionMismatch: 409,
  RequestEntityTooLarge: 413,
} as const;
export type Code = keyof typeof statuses;

export class Refusal extends Error {
  readonly code: Code;
  readonly messages: readonly string[];
  constructor(code: Code, messages: readonly string[]) {
    super(code === 'InvalidChangeBatch' ? `[${messages.join(', ')}]` : messages.join('; '));
    this.name = 'Refusal';
    this.code = code;
    this.messages = messages;
  }
}

export function refuse(code: Code, message: string): never {
  throw new Refusal(code, [message]);
}

export function statusOf({ code }: Refusal): number {
  return statuses[code];
}

export function bodyOf({ code, message, messages }: Refusal, requestId: string): Xml {
  const each = messages.map((text) => element('Message', text));
  return element('ErrorResponse', [
    element('Error', [
      element('Type', 'Sender'),
      element('Code', code),
      element('Message', message),
      code === 'InvalidChangeBatch' ? element('messages', each) : null,
    ]),
    element('RequestId', requestId),
  ]);
}
